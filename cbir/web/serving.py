"""The page, up until it is stopped: then open pages are let go, uploads are deleted, and the program ends."""

from __future__ import annotations

import signal
import time

import gradio as gr

from cbir.system.process import end_process
from cbir.web.log import start_log
from cbir.web.page import launch_options

GRACE = 1
"""Seconds that answers have which are under way when the page is stopped."""


def serve(page: gr.Blocks) -> None:
    """Serve a page until SIGTERM or Ctrl-C, then end this process."""
    start_log()
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    page.launch(**launch_options(), prevent_thread_lock=True)
    page.server.config.timeout_graceful_shutdown = GRACE
    while not stopped:
        time.sleep(0.1)
    # Where Gradio itself waits, it would not end the connection that every open page keeps. Its server would wait for
    # those in vain, and leave behind what was uploaded.
    page.close(verbose=False)
    end_process()
