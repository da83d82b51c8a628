"""The demo: python app.py [--index DIR] [--edit] is python -m cbir page, as a Space starts it."""

import sys

from cbir.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["page", *sys.argv[1:]]))
