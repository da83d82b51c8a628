"""The page, up until it is stopped: then open pages are let go, uploads are deleted, and the program ends."""

from __future__ import annotations

import signal
import time

from cbir.system.port import VARIABLE, asked_port
from cbir.system.process import end_process
from cbir.web.log import LOG, start_log
from cbir.web.page import launch_options
from cbir.web.uploads import GuardedBlocks

LOCAL = "127.0.0.1"
"""The address at which this machine alone reaches it."""
GRACE = 1
"""Seconds that answers have which are under way when the page is stopped."""


def serve(page: GuardedBlocks, *, host: str | None = None) -> None:
    """Serve a page until SIGTERM or Ctrl-C, then end this process.

    host: address at which it is served; None: what Gradio chooses, which is this machine alone if no variable tells.
    """
    start_log()
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    page.launch(**launch_options(), server_name=host, prevent_thread_lock=True)
    asked, taken = asked_port(), page.server_port
    if taken != asked:
        LOG.warning("Port %s cannot be used; the page is at %s. %s names another.", asked, taken, VARIABLE)
    page.server.config.timeout_graceful_shutdown = GRACE
    while not stopped:
        time.sleep(0.1)
    # Where Gradio itself waits, it would not end the connection that every open page keeps. Its server would wait for
    # those in vain, and leave behind what was uploaded.
    page.close(verbose=False)
    for close in page.closing:
        close()
    end_process()
