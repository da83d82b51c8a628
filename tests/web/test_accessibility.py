"""What axe-core finds on each page, in a real Chromium: WCAG 2 and good practice, as far as a program can tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.browsing import needs_browser
from tests.web.test_stage import query
from tests.web.test_texts import searched

__all__ = ["query", "searched"]

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


def find_faults(page: Page, name: str, *, dark: bool, width: int) -> list[str]:
    """What is serious or critical on a page, as a line each."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", dark)
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    found = Axe().run(page).response["violations"]
    return [
        f"{name}, {'dark' if dark else 'light'}, {width}: {one['id']} {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@needs_browser
def test_nothing_serious_is_found(browser: BrowserContext, address: str, query: Path, tmp_path: Path) -> None:
    """Each state of the pages once wide and once narrow, once light and once dark."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    page = browser.new_page()
    faults: list[str] = []

    def check(name: str, *, dark: bool) -> None:
        nonlocal faults
        faults += find_faults(page, name, dark=dark, width=1280) + find_faults(page, name, dark=not dark, width=390)

    page.goto(address)
    page.locator("#proof p").wait_for()
    page.locator("#examples button").first.wait_for()
    check("empty", dark=False)
    page.set_input_files("#photo input[type=file]", query)
    page.locator("#matches .pick").nth(2).wait_for()
    page.locator("#others .look").first.wait_for()
    check("answer with several garments", dark=True)
    page.locator("#wanted input").check()
    page.locator("#matches .pair").nth(2).wait_for()
    page.locator("#filters summary").click()
    check("evidence and filters", dark=False)
    page.goto(f"{address}/catalogue")
    page.locator("#shelf .pick").first.wait_for()
    check("catalogue", dark=True)
    page.locator("#shelf .views button").nth(1).click()
    page.locator("#shelf .ground a").first.wait_for()
    check("map", dark=False)
    page.goto(f"{address}/how")
    page.locator("#how .steps").wait_for()
    check("how", dark=True)
    page.goto(f"{address}/wardrobe")
    page.locator("#closet .nothing").wait_for()
    check("empty wardrobe", dark=False)
    page.set_input_files("#bring input[type=file]", [query, broken])
    page.locator("#closet li").first.wait_for(timeout=60_000)
    page.locator("#told .refused").wait_for()
    check("wardrobe", dark=True)
    page.goto(address)
    page.set_input_files("#photo input[type=file]", query)
    page.locator("#matches .pick").first.wait_for()
    check("what to search in", dark=False)
    page.close()
    assert faults == []
