"""The scripts, as they were."""
