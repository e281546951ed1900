"""One user between clickbait and wholesome items: view, environment, twin and optimum."""
