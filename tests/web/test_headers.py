"""What browsers are told to allow the page, and that they keep to it."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import needs_browser, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("path", ["/", "/catalogue", "/how", "/config", "/gradio_api/info", "/preview.jpg"])
def test_every_answer_has_them(address: str, path: str) -> None:
    with urllib.request.urlopen(f"{address}{path}") as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(self)")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'"
    assert "https://huggingface.co" in policy["frame-ancestors"].split()
    assert "*" not in " ".join(policy.values()).split()


@needs_browser
def test_nothing_is_loaded_from_or_sent_to_elsewhere(page: Page, address: str) -> None:
    open_page(page, address)
    attempts = {
        "connect-src": "fetch('http://127.0.0.2:9/').catch(() => {})",
        "img-src": "new Image().src = 'http://127.0.0.2:9/a.png'",
        "script-src-elem": "document.head.append(Object.assign(document.createElement('script'), {src: 'http://127.0.0.2:9/'}))",
        "frame-src": "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://127.0.0.2:9/'}))",
    }
    for directive, attempt in attempts.items():
        broken = page.evaluate(
            """(attempt) => new Promise((done) => {
                document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
                eval(attempt);
                setTimeout(() => done("nothing"), 5000);
            })""",
            attempt,
        )
        assert broken == directive
