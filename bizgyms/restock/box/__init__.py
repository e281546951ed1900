"""A box of items: view, environment, twin and optimum."""
