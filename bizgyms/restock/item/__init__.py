"""One item: view, environment, twin and optimum."""
