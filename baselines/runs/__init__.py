"""Results of runs: how they are stored, and the processes that compute them."""
