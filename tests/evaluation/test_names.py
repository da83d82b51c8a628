"""Labels and names of any bytes in tables and on the page of the worst answers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from cbir.datasets.photo import Photo
from cbir.evaluation.classification import Confusion
from cbir.evaluation.report import ModelReport, tabulate, write_worst
from cbir.evaluation.retrieval import Answer, KindMetrics
from cbir.evaluation.search import Retrieval
from tests.support.drawings import draw_garment

ODD = "caf\udce9\n\x1b[31m\u202e"
SHOWN = r"caf\udce9\n\x1b[31m\u202e"


def test_tables_show_labels_with_escapes() -> None:
    confusion = Confusion("0" * 64, (ODD, "hat"), (ODD, "hat"), np.array([[1, 0], [1, 1]]), 0)
    retrieval = Retrieval("0" * 64, 2, {ODD: [(True,)]}, 0)
    report = ModelReport("x", "0" * 64, kinds={ODD: KindMetrics(1, 1.0, 1.0, 1.0)})
    for table in (str(confusion), str(retrieval), tabulate([report])):
        assert SHOWN in table and all(line.isprintable() for line in table.split("\n"))
    assert f"taken for {SHOWN} 1" in str(confusion)


def test_the_page_of_the_worst_answers_shows_names_with_escapes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"h\xfct<b>.jpg")
    draw_garment(1, "hat").save(path)
    photo = Photo(path.name, path, ODD)
    write_worst(tmp_path / "worst.html", [Answer(photo, [photo], 0.0)])
    page = (tmp_path / "worst.html").read_text(encoding="utf-8")
    assert page.count(SHOWN) == page.count(r"h\udcfct&lt;b&gt;.jpg") == 2
