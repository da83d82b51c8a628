"""python -m cbir: the command line."""

import sys

from cbir.threads import limit_threads

limit_threads()

from cbir.cli import main  # noqa: E402 - NumPy comes with it

sys.exit(main())
