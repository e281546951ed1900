"""The judge: from returns to intervals, rows and a verdict. It plays nothing, and reads and writes no file."""
