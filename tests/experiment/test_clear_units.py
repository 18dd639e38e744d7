"""Practice and catch units that have to be obvious are chosen by their activations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from assembled_study import assemble

from imi_desktop.cli import main
from imi_desktop.experiment.clear_units import (
    TooFewClearUnitsError,
    separations,
    stand_ins,
    with_clear_units,
)
from imi_desktop.experiment.dead_units import NoLiveUnitError, with_live_units
from imi_desktop.experiment.feasibility import study_notes
from imi_desktop.experiment.lock import FILE_NAME as LOCK
from imi_desktop.experiment.study import Study
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.stimuli.activation_table import FORMAT, ActivationsError, table_path

MODEL = "efficientnet_lite0"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of the model comparison with two batches."""
    made = assemble(
        "zimmermann2023", tmp_path / "study", MODEL, stimuli={"natural": {"batches": 2}}
    )
    made.write_new()
    return made


def record(study: Study, clear: dict[tuple[str, int], float], dead: bool = False) -> None:
    """Write tables of noise; `clear` units get some images of that height."""
    layers = {layer.name: layer for layer in layers_of(MODEL)}
    for number, name in enumerate(dict.fromkeys(entry.layer for entry in study.units)):
        random = np.random.default_rng(number)
        values = random.normal(0, 1, (80, layers[name].channels)).astype(np.float32)
        if dead:
            values[:] = 1
        for (layer, channel), height in clear.items():
            if layer == name:
                values[:20, channel] = height
                values[20:40, channel] = -height
                values[40:, channel] = 0
        columns = {"image": [f"{n}.png" for n in range(80)]}
        columns |= {f"c{c}": values[:, c] for c in range(values.shape[1])}
        metadata = {
            "imi.format": str(FORMAT), "imi.model": MODEL, "imi.layer": name,
            "imi.dataset": "d", "imi.weights": "w",
        }  # fmt: skip
        path = table_path(study.folder, MODEL, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)


def test_separation_is_in_standard_deviations():
    values = np.array([[1, 0, 3, np.nan], [1, 0, 1, 1], [1, 10, -1, 1], [1, 10, -3, 1]], np.float32)
    found = separations(values, 2)
    assert found[1] == pytest.approx(10 / 5)
    assert found[2] == pytest.approx(4 / np.sqrt(5))
    assert found[0] == found[3] == -np.inf
    assert separations(values * 7 + 2, 2)[1] == pytest.approx(found[1])


def test_the_clearest_of_each_layer_come_first(study: Study):
    layers = list(dict.fromkeys(entry.layer for entry in study.units))
    listed = {(entry.layer, entry.channel) for entry in study.units}
    clear = {
        (layer, next(c for c in range(20) if (layer, c) not in listed)): 50.0
        for layer in layers[:6]
    }
    record(study, clear)
    changed, chosen = with_clear_units(study)
    assert len(chosen) == 10
    assert {(c.unit.layer, c.unit.channel) for c in chosen[:6]} == set(clear)
    assert len({c.unit.layer for c in chosen}) == 10
    assert [c.separation for c in chosen] == sorted((c.separation for c in chosen), reverse=True)
    assert with_clear_units(study)[1] == chosen
    assert changed.units_of("main") == study.units_of("main")
    practice = [entry.unit for entry in changed.units_of("practice")]
    assert practice == [c.unit for c in chosen[::2]]
    assert [entry.unit for entry in changed.units_of("catch")] == [c.unit for c in chosen[1::2]]
    assert len({entry.unit for entry in changed.units}) == len(changed.units)


def test_what_was_picked_stays(study: Study):
    record(study, {})
    rows = [entry.model_dump(exclude_none=True) for entry in study.units]
    for row in rows:
        if row["role"] == "practice":
            row["selection"] = "hand_picked"
    kept = study.replace(units=rows)
    changed, chosen = with_clear_units(kept)
    assert len(chosen) == 5
    assert changed.units_of("practice") == kept.units_of("practice")
    assert stand_ins(changed) == ()
    assert with_clear_units(changed) == (changed, ())


def test_published_picks_are_not_replaced():
    assert stand_ins(assemble("zimmermann2021")) == ()
    assert len(stand_ins(assemble("zimmermann2021", model=MODEL))) == 14


def test_notes_tell_of_stand_ins(study: Study):
    assert any("imi-desktop pick" in note for note in study_notes(study))
    record(study, {})
    assert not any("imi-desktop pick" in note for note in study_notes(with_clear_units(study)[0]))


def test_not_recorded_and_dead_layers_are_told(study: Study):
    with pytest.raises(ActivationsError):
        with_clear_units(study)
    record(study, {}, dead=True)
    with pytest.raises(TooFewClearUnitsError, match="10 clear units"):
        with_clear_units(study)


def test_the_command_writes_the_study_unless_it_is_locked(study: Study, capsys):
    record(study, {})
    assert main(["pick", str(study.folder), "--json"]) == 0
    chosen = json.loads(capsys.readouterr().out)["chosen"]
    again = Study.load(study.folder)
    found = {entry.unit.address for entry in again.units if entry.role != "main"}
    assert found == {entry["unit"] for entry in chosen}
    assert main(["pick", str(study.folder)]) == 0
    assert "no unit has to be exchanged" in capsys.readouterr().out
    (study.folder / LOCK).write_text(
        '{"format": 1, "made": "", "version": "", "hashes": {}, "contents": {}, "amendments": []}'
    )
    assert main(["pick", str(study.folder)]) == 2
    assert "locked since its first session" in capsys.readouterr().err


def kill(study: Study, layer: str, channels: list[int]) -> None:
    """Let units of a layer respond to every image alike."""
    path = table_path(study.folder, MODEL, layer)
    table = pq.read_table(path)
    for channel in channels:
        place = table.schema.get_field_index(f"c{channel}")
        dead = pa.array(np.zeros(table.num_rows, np.float32))
        table = table.set_column(place, f"c{channel}", dead)
    pq.write_table(table, path)


def test_dead_units_are_drawn_anew_from_their_layer(study: Study):
    record(study, {})
    assert with_live_units(study) == (study, ())
    dead = study.units_of("main")[3]
    kill(study, dead.layer, [dead.channel])
    changed, replaced = with_live_units(study)
    assert [pair.dead for pair in replaced] == [dead.unit]
    new = changed.units_of("main")[3]
    assert (new.unit, new.layer, new.selection) == (replaced[0].unit, dead.layer, "random")
    assert new.unit not in {entry.unit for entry in study.units}
    assert changed.units_of("main")[:3] == study.units_of("main")[:3]
    assert with_live_units(study)[1] == replaced
    assert with_live_units(changed) == (changed, ())


def test_hand_picked_units_stay_even_if_they_are_dead(study: Study):
    record(study, {})
    rows = [entry.model_dump(exclude_none=True) for entry in study.units]
    rows[0]["selection"] = "hand_picked"
    picked = study.replace(units=rows)
    kill(picked, picked.units[0].layer, [picked.units[0].channel])
    assert with_live_units(picked) == (picked, ())


def test_a_layer_without_live_units_is_told(study: Study):
    record(study, {}, dead=True)
    with pytest.raises(NoLiveUnitError, match="respond to every image alike"):
        with_live_units(study)
