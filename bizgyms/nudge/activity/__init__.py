"""One person nudged to walk: view, environment, twin and optimum."""
