"""Exchange of dead and stand-in units on the Units page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import Qt
from small_study import MODEL, draw_images, make_study, write_activations

from imi_desktop.experiment import lock
from imi_desktop.experiment.new_study import NewStudy, study_fields
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.workbench.units_page import UnitsPage
from imi_desktop.gui.workbench.units_pick import pick_state, propose
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.activation_table import table_path

PATIENCE = 20_000
DEAD = Unit(MODEL, "blocks.1.0", 3)
OpenPage = Callable[[Study], UnitsPage]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A drawn unit that responds to every image alike, and one that does not."""
    made = make_study(tmp_path)
    _silence(made, DEAD)
    rows = [
        row.model_dump(exclude_none=True) | ({"selection": "random"} if row.role == "main" else {})
        for row in made.units
    ]
    changed = made.replace(units=rows)
    changed.save()
    return changed


@pytest.fixture
def open_page(qtbot, context: AppContext) -> Iterator[OpenPage]:
    page = UnitsPage(context)
    qtbot.addWidget(page)
    context.study_changed.connect(page.set_study)
    page.resize(1720, 980)
    page.show()

    def open_(study: Study) -> UnitsPage:
        context.open_study(study.folder)
        qtbot.waitUntil(lambda: bool(page.inspector.shown), timeout=PATIENCE)
        return page

    yield open_
    page.stop()


def test_a_dead_unit_is_told_and_exchanged_when_that_is_accepted(
    qtbot, open_page: OpenPage, study: Study
) -> None:
    page = open_page(study)
    qtbot.waitUntil(lambda: page.picker.button.isEnabled(), timeout=PATIENCE)
    assert page.picker.note.isVisible()
    assert page.picker.note.text == "1 drawn unit responds to every image alike."
    page.picker.note.button.click()
    qtbot.waitUntil(lambda: page.offer.shown is not None, timeout=PATIENCE)
    dialog = page.offer.shown
    assert dialog is not None and DEAD in {entry.unit for entry in Study.load(study.folder).units}
    new = dialog.units.unit_at(0)
    assert new is not None and "in the place of unit 3" in dialog.units.label(new)
    dialog.accept_button.click()
    units = {entry.unit for entry in Study.load(study.folder).units}
    assert DEAD not in units and new in units
    qtbot.waitUntil(lambda: "responds" in page.picker.button.toolTip(), timeout=PATIENCE)
    assert not page.picker.note.isVisible() and not page.picker.button.isEnabled()


def test_declining_changes_nothing(qtbot, open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    qtbot.waitUntil(lambda: page.picker.button.isEnabled(), timeout=PATIENCE)
    before = study.file.read_bytes()
    page.list.view.setFocus()
    qtbot.keyClick(page.list.view, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: page.offer.shown is not None, timeout=PATIENCE)
    qtbot.keyClick(page.offer.shown, Qt.Key.Key_Escape)
    assert page.offer.shown is None
    assert study.file.read_bytes() == before


def test_without_activations_the_button_says_what_is_missing(
    qtbot, open_page: OpenPage, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    table_path(study.folder, MODEL, "blocks.3.1").unlink()
    page = open_page(study)
    wanted: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(page.recorder, "record", lambda *given: wanted.append(given))
    qtbot.waitUntil(lambda: page.picker.note.isVisible(), timeout=PATIENCE)
    assert not page.picker.button.isEnabled()
    assert "1 layer of the study" in page.picker.button.toolTip()
    page.picker.note.button.click()
    assert wanted == [(MODEL, ["blocks.3.1"])]


def test_a_locked_study_keeps_its_units(open_page: OpenPage, study: Study) -> None:
    (study.folder / lock.FILE_NAME).write_text("{}")
    page = open_page(study)
    assert not page.picker.button.isEnabled() and "locked" in page.picker.button.toolTip()
    assert not page.picker.note.isVisible()


def test_stand_ins_become_clear_units(tmp_path: Path) -> None:
    draw_images(tmp_path / "images", 20)
    design = Protocol.load("zimmermann2021")
    new = NewStudy(tmp_path / "study", "zimmermann2021", (MODEL,), tmp_path / "images", seed=3)
    study = Study.assemble(new.folder, design, **study_fields(new, design))
    study.write_new()
    before = pick_state(study)
    assert len(before.stand_ins) == 14 and before.dead == ()
    assert "14 practice or catch units only stand in for clear ones" in before.words
    assert "not recorded yet" in before.reason
    channels = {layer.name: layer.channels for layer in layers_of(MODEL)}
    for seed, layer in enumerate(before.missing[MODEL]):
        write_activations(study, layer, channels[layer], seed)
    assert pick_state(study).reason == ""
    proposal = propose(study)
    assert len(proposal.reasons) == 14
    assert any("SD apart" in reason for reason in proposal.reasons.values())
    after = pick_state(proposal.study)
    assert after.words == "" and after.reason


def _silence(study: Study, unit: Unit) -> None:
    path = table_path(study.folder, unit.model, unit.layer)
    table = pq.read_table(path)
    place = table.schema.get_field_index(f"c{unit.channel}")
    silent = pa.array([0.0] * table.num_rows, table.schema.field(place).type)
    pq.write_table(table.set_column(place, table.schema.field(place), silent), path)
