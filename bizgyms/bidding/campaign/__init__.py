"""A campaign's day: view, environment, twin and bounds."""
