"""The judge: the same luck for everyone, intervals, the run file, the board and the verdict."""
