"""One person who habituates: view, environment, twin and optimum."""
