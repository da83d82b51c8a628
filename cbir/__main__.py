"""python -m cbir: the command line."""

import sys

from cbir.system.process import prepare_process

prepare_process()

from cbir.commands.parser import main  # noqa: E402 - NumPy comes with it

sys.exit(main())
