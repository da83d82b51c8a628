"""The texts of the page: whole in each language, and each visitor in theirs, in a real Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import TYPE_CHECKING

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cbir.web
from cbir import Searcher
from cbir.datasets.vocabulary import GARMENTS
from cbir.web.answers import claim, greeting, proof
from cbir.web.reloading import LiveSearcher
from cbir.web.texts import LANGUAGES, choose_language, load_texts, mark, texts_for
from tests.support.browsing import needs_browser
from tests.support.drawings import draw_garment
from tests.support.settings import QUICK

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

WEB = Path(cbir.web.__file__).parent
EN, DE = map(load_texts, LANGUAGES)
ENGLISH = re.compile(
    r"\b(the|and|of|with|this|photo|search|similar|show|distance|proven|closer|garments?|save|copy|how|kind|back|next|use|"
    r"nearest|catalogue|example|measured|whole|draw|map|look|alike|number|step|any|all)\b",
    re.I,
)
"""Words of English texts of ours that no German one has."""


def read(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((WEB / "texts" / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def places(text: str) -> list[tuple[str | None, str | None]]:
    return sorted((name, form) for _, name, form, _ in Formatter().parse(text) if name is not None)


def test_each_language_has_the_same_texts_with_the_same_places() -> None:
    first, *others = map(read, LANGUAGES)
    for other in others:
        assert list(other) == list(first)
        for key, text in first.items():
            assert places(other[key]) == places(text), key


def test_no_text_is_missing_and_none_is_left_over() -> None:
    """A key stands in the source as it is, or with the unit of the catalogue in its place."""
    texts = read("en")
    keys = {re.sub("_(one|other)$", "", key) if re.sub("_one$", "_other", key) in texts else key for key in texts}
    source = "\n".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.py"))
    named = set(re.findall(r"""["']([a-z_0-9]+)["']""", source))
    for unit in ("photos", "garments"):
        named |= {
            pattern.replace("{unit}", unit) for pattern in re.findall(r"""["']([a-z_]*{unit}[a-z_]*)["']""", source)
        }
        named |= {f"of_other_{unit}", f"no_other_{unit}"}
    garments = {key for key in keys if key.startswith("garment_")}
    assert garments == {f"garment_{kind}" for kind in GARMENTS}, "those that the finder tells apart"
    assert keys - garments <= named
    asked = re.findall(r"""\b(?:say|mark)\(["']([a-z_0-9]+)["']""", source)
    assert len(asked) > 80 and set(asked) <= keys


def test_garments_have_names() -> None:
    assert [DE.garment(kind) for kind in ("scarf", "kimono")] == ["Schal", "kimono"]
    assert all(EN.garment(kind) == kind for kind in GARMENTS)


def test_numbers_take_the_form_of_the_language() -> None:
    assert EN("photos_ready", count=1234) == "1,234 photos are ready."
    assert DE("photos_ready", count=1234) == "1.234 Fotos sind bereit."
    assert (EN("distance", distance=0.41249), DE("distance", distance=0.41249)) == ("distance 0.412", "Abstand 0,412")
    assert (EN("copies", count=1), EN("copies", count=2), DE("copies", count=1)) == ("+1 copy", "+2 copies", "+1 Kopie")
    assert DE.number(1234567.5, ",.1f") == "1.234.567,5"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("de-CH", "de"),
        ("DE-at,en;q=0.5", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("en;q=0.2, de;q=0.3", "de"),
        ("fr", "en"),
        ("fr, de;q=0.1", "de"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("", "en"),
        ("den, dee", "en"),
        ("de;q=2", "en"),
        ("de;q=nan,../de", "en"),
        ("x" * 9999 + ",de", "en"),
    ],
)
def test_the_language_is_the_one_that_suits_best(accepted: str, language: str) -> None:
    """RFC 9110, section 12.5.4."""
    assert choose_language(accepted) == language
    assert texts_for(SimpleNamespace(headers={"accept-language": accepted})).language == language


@QUICK
@given(st.text())
def test_any_junk_gives_a_language(accepted: str) -> None:
    assert choose_language(accepted) in LANGUAGES


def test_nobody_asking_is_answered_in_english() -> None:
    assert texts_for(None) is texts_for(gr.Request()) is EN


def test_marks_are_filled_and_all_else_stays() -> None:
    page = f"{mark('title')} {mark('promise', count=70)} §unknown§ §§ § 5 {mark('invitation')}"
    filled = DE.fill(page)
    assert DE("title") in filled and "70 Minuten" in filled and "§unknown§ §§ § 5" in filled
    assert json.loads(f'"{filled}"').endswith(DE("invitation"))
    for language in LANGUAGES:
        assert not re.search(r"""[<>&"\\]""", "".join(read(language).values()))


def test_the_proof_in_english_is_that_of_the_command_line(catalogue: Path, photos: Path) -> None:
    searcher = Searcher.open(catalogue)
    for photo, where in (("hat/001.jpg", None), ("dress/000.jpg", {"kind": ["hat", "shirt"]})):
        result = searcher.search(photos / photo, where=where)
        folded = result._replace(by_garment=True, exact=False)
        for one in (result, folded, result._replace(subset_size=0), searcher.search_indexed(3, where=where)):
            assert claim(one, EN) == one.claim
    assert "Keines von 12 Fotos mit kind hat oder shirt ist näher" in proof(result, DE)
    assert greeting(LiveSearcher(lambda: catalogue), DE).startswith("<p role='status'>24 Fotos sind bereit.")


@pytest.fixture(scope="module")
def searched(worn_catalogue: Path) -> Path:
    return worn_catalogue


def seen(page: Page) -> str:
    """What is read on a page, and what is read out; but names of kinds, files and formats."""
    told = page.locator("main, body").first.evaluate(
        """(body) => [document.title, body.innerText, ...[...body.querySelectorAll("[aria-label], [alt], [title]")]
            .filter((one) => one.checkVisibility() && !one.closest("footer"))
            .flatMap((one) => ["aria-label", "alt", "title"].map((name) => one.getAttribute(name) ?? ""))]
            .join("\\n")"""
    )
    return re.sub(r"\b(hats?|shirts?|scarf|dress|top|kind|photo\.jpg)\b", "", told)


@needs_browser
def test_each_page_speaks_german_and_english_to_who_speaks_neither(
    browser: BrowserContext, address: str, tmp_path: Path
) -> None:
    draw_garment(55, "dress").save(tmp_path / "kleid.png")
    assert browser.browser
    german = browser.browser.new_context(locale="de-DE")
    page = german.new_page()
    page.goto(address)
    page.locator("#proof", has_text="24 Fotos sind bereit").wait_for()
    texts = [seen(page)]
    page.set_input_files("#photo input[type=file]", tmp_path / "kleid.png")
    page.locator("#matches .caption").nth(2).wait_for()
    page.locator("#proof summary").click()
    assert re.search(r"Abstand \d,\d{3}", page.locator("#matches").inner_text())
    texts.append(seen(page))
    page.goto(f"{address}/catalogue")
    page.locator("#shelf .pick").first.wait_for()
    texts.append(seen(page))
    page.locator("#shelf .views button").nth(1).click()
    page.locator("#shelf .ground a").first.wait_for()
    texts.append(seen(page))
    page.goto(f"{address}/how")
    page.locator("#how .steps").wait_for()
    texts.append(seen(page))
    assert page.locator("html").get_attribute("lang") == "de"
    for text in texts:
        assert "§" not in text and not (found := ENGLISH.findall(text)), found
    german.close()
    french = browser.browser.new_context(locale="fr-FR")
    page = french.new_page()
    page.goto(f"{address}/how")
    page.locator("#how h2", has_text="The network").wait_for()
    assert page.locator("#title h1").inner_text() == "How it works"
    assert 'lang="en"' in page.request.get(address, headers={"Accept-Language": "fr"}).text()
    french.close()
