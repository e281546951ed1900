"""One reading of any table: from a file in anybody's notation to cells that mean the same everywhere."""
