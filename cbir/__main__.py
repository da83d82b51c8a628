"""python -m cbir: the command line."""

import sys

from cbir.cli import main

sys.exit(main())
