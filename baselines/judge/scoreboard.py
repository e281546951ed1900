"""The former name of `baselines.protocols.scoreboard`: ``python -m baselines.judge.scoreboard`` still makes a board."""

import sys

from baselines.protocols.scoreboard import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
