"""One customer, visit by visit: view, environment, twin and optimum."""
