"""By which address a page was asked: what programs get absolute addresses from."""

from __future__ import annotations

from typing import Any

from gradio.route_utils import get_root_url

PREFIX = "/gradio_api/"


def find_base(request: Any) -> str:
    """The page's address as its caller knows it, with a slash at its end; empty if there is no request.

    request: Gradio's or Starlette's. Behind a proxy, what that says of the address counts.
    """
    asked = getattr(request, "request", None) or request
    if asked is None:
        return ""
    _, found, route = asked.url.path.rpartition(PREFIX)
    return get_root_url(asked, f"{PREFIX}{route}" if found else "", None) + "/"


def called_by_mcp(request: Any) -> bool:
    """Whether a tool was called, rather than an endpoint."""
    asked = getattr(request, "request", None) or request
    return asked is not None and f"{PREFIX}mcp/" in f"{asked.url.path}/"
