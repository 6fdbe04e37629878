"""Runs the tests of this folder; tests/deploy/run gives them their programs."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from support import suite  # noqa: E402  (found by the line above)

if __name__ == "__main__":
    sys.exit(not suite.run(HERE, sys.argv[1:], verbose=True))
