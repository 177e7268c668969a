"""`python -m ksbtrack` does what the command `ksbtrack` does."""

import sys

from ksbtrack.cli import main

sys.exit(main())
