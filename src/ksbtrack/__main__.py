"""`python -m ksbtrack` does what the command `ksbtrack` does."""

import sys

from ksbtrack.cli import run

sys.exit(run())
