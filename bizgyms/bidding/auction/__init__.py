"""One auction at a time: view, environment, twin and optimum."""
