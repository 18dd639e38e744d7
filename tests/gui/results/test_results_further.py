"""The results page: units, networks, observers and studies set against each other."""

from __future__ import annotations

import pandas as pd
from PIL import Image
from results_answers import show

from imi_desktop.gui.dashboard.results_page import ResultsPage
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import QUERY, natural_path
from imi_desktop.stimuli.unit_measures import UnitMeasures


def looked_further(page: ResultsPage, qtbot) -> None:
    qtbot.waitUntil(lambda: page._further is not None, timeout=60_000)


def test_scores_are_set_against_other_numbers(page, make_results_study, qtbot, tmp_path):
    study = make_results_study(9)
    units = [Unit("inceptionv1", ("mixed3a", "mixed4c")[i % 2], i) for i in range(9)]
    values = {unit: {"local_contrast": float(unit.channel)} for unit in units}
    UnitMeasures("activation_maps", {"images": 9}, values).write(study.folder)
    show(page, study, qtbot)
    looked_further(page, qtbot)
    card = page.cards.correlates
    card.choose("local_contrast")
    assert card.chosen == "local_contrast"
    assert len(card.chart.dots) == 18
    assert card.note.startswith("Natural: ρ = ")
    card.write_csv(tmp_path / "data.csv")
    assert len(pd.read_csv(tmp_path / "data.csv")) == 18
    card.chart.grab()
    card.chart.picked.emit(card.chart.targets()[0].payload)
    assert page.cards.trials.model.rowCount() == 8
    card.choose("nothing of this name")
    assert card.chosen == "local_contrast"


def test_agreement_is_shown_where_queries_were_shared(page, make_results_study, qtbot):
    show(page, make_results_study(6), qtbot)
    looked_further(page, qtbot)
    page.cards.agreement.chart.grab()
    assert page.cards.agreement.chart.targets() == ()
    study = make_results_study(7)
    for path in (study.folder / "imported").glob("*.parquet"):
        trials = pd.read_parquet(path)
        trials.assign(image_set="1").to_parquet(path, index=False)
    page._further = None
    show(page, study, qtbot)
    looked_further(page, qtbot)
    page.cards.agreement.chart.grab()
    words = [target.words for target in page.cards.agreement.chart.targets()]
    assert len(words) == 6
    assert words[0].startswith("natural and natural: κ = ")
    assert words[0].endswith("pairs")


def test_machine_score_beside_peoples(page, make_results_study, qtbot):
    study = make_results_study(9)
    show(page, study, qtbot)
    looked_further(page, qtbot)
    assert page.cards.machine.table.isHidden()
    page._measures.set_study(study.replace(images="elsewhere"))
    assert "is not there" in page._measures.reason
    assert not page.cards.machine._compute.isEnabled()
    unit = Unit("inceptionv1", "mixed3a", 0)
    UnitMeasures(
        "machine_score", {"temperature": 0.1, "observer": "pixels"},
        {unit: {"machine_score_natural": 0.8}},
        details=[{"model": unit.model, "layer": unit.layer, "channel": 0, "condition": "natural",
                  "image_set": "1", "difference": 0.14}],
    ).write(study.folder)  # fmt: skip
    page._further = None
    page._measures.computed.emit()
    looked_further(page, qtbot)
    assert not page.cards.machine.table.isHidden()
    assert page.cards.machine.table.model().index(0, 1).data() == "0.80"


def test_studies_side_by_side(page, make_results_study, qtbot):
    first, second = make_results_study(6), make_results_study(5)
    show(page, first, qtbot)
    assert page.cards.studies.isHidden()
    page._extra = (second.folder,)
    page._load()
    qtbot.waitUntil(lambda: len(page._figures.studies.levels) == 2, timeout=30_000)
    assert not page.cards.studies.isHidden()
    page.cards.studies.chart.grab()
    target = page.cards.studies.chart.targets()[-1]
    page.cards.studies.chart.picked.emit(target.payload)
    shown = [page.cards.trials.model.trial_at(row) for row in range(5)]
    assert {row["study"] for row in shown} == {"study-6"}


def test_networks_lie_beside_each_other_and_share_no_unit(page, make_results_study, qtbot):
    study = make_results_study(6)
    (table,) = (study.folder / "imported").glob("*.parquet")
    trials = pd.read_parquet(table)
    other = trials.assign(model="googlenet", block=2)
    pd.concat([trials, other]).to_parquet(table)
    show(page, study, qtbot)
    layers = page._figures.layers
    assert layers.levels == (
        "mixed3a, googlenet", "mixed4c, googlenet", "mixed3a, inceptionv1", "mixed4c, inceptionv1",
    )  # fmt: skip
    chart = page.cards.layers.chart
    chart.grab()
    first = next(t for t in chart.targets() if t.payload["layer"] == "mixed3a, googlenet")
    chart.picked.emit(first.payload)
    assert set(page.cards.trials._shown["model"]) == {"googlenet"}
    units = page.cards.units
    units.table.opened.emit(units.table.model().index(0, 0))
    row = units.table.model().rows[0]
    assert set(page.cards.trials._shown["model"]) == {row.model}
    assert units.table.selectionModel().selectedRows()[0].row() == 0


def test_thumbnails_of_units_are_decoded_beside_the_page(page, make_results_study, qtbot):
    study = make_results_study(6)
    unit = Unit("inceptionv1", "mixed3a", 0)
    path = study.folder / natural_path(unit, 0, "max", QUERY)
    path.parent.mkdir(parents=True)
    Image.new("RGB", (224, 224), "red").save(path)
    show(page, study, qtbot)
    images = page.cards.units._images
    score = next(u for u in page._figures.units if (u.layer, u.channel) == ("mixed3a", 0))
    qtbot.waitUntil(lambda: images.of(score)[0] is not None, timeout=10_000)
    (picture,) = images.of(score)
    assert picture.toImage().pixelColor(5, 5).red() > 200
    path.write_bytes(b"no image")
    page.cards.units.set_study_folder(study.folder)
    other = next(u for u in page._figures.units if (u.layer, u.channel) == ("mixed4c", 1))
    assert images.of(other) == []
