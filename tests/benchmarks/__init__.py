"""Speed, measured beside something else; see __main__.py. Processes are prepared as the app prepares its own."""

from cbir.system.process import prepare_process

prepare_process()
