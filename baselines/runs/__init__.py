"""What is kept of a run, and who computes it: results, run file, locks, workers."""
