"""python -m cbir: the command line."""

import sys

from cbir.process import prepare_process

prepare_process()

from cbir.cli import main  # noqa: E402 - NumPy comes with it

sys.exit(main())
