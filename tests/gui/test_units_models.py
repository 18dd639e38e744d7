"""Behind the Units page: trees, lists, bins and changes to the study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_study import MODEL, make_study

from imi_desktop.errors import UserError
from imi_desktop.experiment import lock
from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench import units_study
from imi_desktop.gui.workbench.histogram_bins import (
    activation_histogram,
    mini_histograms,
    nice_step,
    percentile_of,
)
from imi_desktop.gui.workbench.layer_nodes import filtered, find_node, layer_tree
from imi_desktop.gui.workbench.unit_exemplars import beyond_natural, exemplars_of
from imi_desktop.gui.workbench.unit_summary import UnitOrder, UnitSummary, sorted_units, summarize
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.unit import Unit, UnitAddressError
from imi_desktop.stimuli.exemplar_rules import natural_batches
from imi_desktop.stimuli.exemplars import borowski_batches, exemplar_seed
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.sparseness import lifetime_sparseness


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path)


def test_histogram_counts_every_image_in_round_bins() -> None:
    values = np.random.default_rng(1).normal(0, 2, 5000)
    histogram = activation_histogram(values)
    assert histogram.counts.sum() == histogram.n == 5000
    widths = np.diff(histogram.edges)
    assert np.allclose(widths, widths[0])
    assert histogram.edges[0] <= values.min() and histogram.edges[-1] >= values.max()
    assert histogram.percentiles[50.0] == pytest.approx(np.median(values))


def test_histogram_leaves_out_images_without_activation() -> None:
    assert activation_histogram([1.0, np.nan, 2.0]).n == 2
    assert activation_histogram([]).n == 0
    assert activation_histogram([3.0, 3.0]).counts.sum() == 2


def test_nice_steps_are_round() -> None:
    assert nice_step(10, 5) == 2
    assert nice_step(0.73, 7) == pytest.approx(0.2)
    assert nice_step(0, 5) == 1


def test_mini_histogram_is_between_0_and_1() -> None:
    values = np.stack([np.arange(100.0), np.full(100, 2.0), np.full(100, np.nan)], axis=1)
    rising, constant, unknown = mini_histograms(values)
    assert rising.max() == 1 and rising.min() >= 0
    assert np.count_nonzero(constant) == 1
    assert unknown.sum() == 0
    assert mini_histograms(np.empty((0, 2))).sum() == 0


def test_sparseness_tells_a_selective_unit_from_an_even_one() -> None:
    values = np.zeros((1000, 3))
    values[3, 0] = 5
    values[:, 1] = 1
    values[:, 2] = -1
    selective, even, silent = lifetime_sparseness(values)
    assert selective == pytest.approx(1)
    assert even == pytest.approx(0)
    assert np.isnan(silent)


def test_percentile_counts_images_at_or_below() -> None:
    assert percentile_of([1, 2, 3, 4], 3) == 75
    assert np.isnan(percentile_of([], 0))


def test_summary_names_the_most_extreme_images_first() -> None:
    names = [f"i{k}" for k in range(6)]
    values = np.array([[3, 1, np.nan, 9, 5, 1], [np.nan] * 6]).T
    summary, unknown = summarize(values, names, 2)
    assert summary.strongest == ("i3", "i4")
    assert summary.weakest == ("i1", "i5")
    assert (summary.maximum, summary.minimum) == (9, 1)
    assert unknown.strongest == () and np.isnan(unknown.maximum)


def test_units_without_a_value_are_listed_last() -> None:
    units = [Unit("m", "l", c) for c in range(4)]

    def summary(maximum: float) -> UnitSummary:
        return UnitSummary((), (), maximum, 0, 0.5, np.zeros(18, np.float32))

    known = {units[0]: summary(1), units[2]: summary(7)}
    order = [u.channel for u in sorted_units(units, known, UnitOrder.MAXIMUM)]
    assert order == [2, 0, 1, 3]
    assert sorted_units(units, known, UnitOrder.CHANNEL) == units


@pytest.mark.parametrize(
    ("model", "top", "below"),
    [
        (MODEL, "blocks.3.1", "conv_dw"),
        ("inceptionv1", "mixed4c", "1x1_pre_relu_conv"),
        ("resnet50", "layer1.0", "conv1"),
        ("vit_b_32", "encoder.layers.encoder_layer_0", "ln_1"),
    ],
)
def test_layer_tree_has_the_blocks_at_the_top(model: str, top: str, below: str) -> None:
    layers = layers_of(model)
    tree = layer_tree(layers)
    block = next(node for node in tree if node.label == top)
    assert below in [child.label for child in block.children]
    assert [layer for node in tree for layer in node.layers] != []
    assert {x.name for node in tree for x in node.layers} == {x.name for x in layers}
    assert len(tree) < 40


def test_layers_are_found_and_filtered_by_name() -> None:
    tree = layer_tree(layers_of(MODEL))
    node = find_node(tree, "blocks.3.1.conv_dw")
    assert node is not None and node.layer is not None
    kept = filtered(tree, "3.1")
    assert "blocks.3.1" in [node.label for node in kept]
    assert filtered(tree, "no such layer") == []
    assert len(filtered(tree, " ")) == len(tree)


def test_exemplars_before_generation_follow_the_same_rule_and_seed(study: Study) -> None:
    unit = Unit(MODEL, "blocks.1.0", 3)
    values = np.random.default_rng(3).normal(size=60).astype(np.float32)
    images = [f"i{k}.jpg" for k in range(60)]
    found = exemplars_of(study, Manifest(), unit, 1, values, images, {})
    expected = borowski_batches(values, 9, 3, exemplar_seed(study.seed, unit))
    assert [i.source for i in found.references["max"]] == [images[k] for k in expected.max[1][:-1]]
    assert found.queries["min"].source == images[expected.min[1][-1]]
    assert found.queries["max"].rank is not None and found.queries["max"].rank <= 3
    assert found.problem == ""


def test_exemplars_follow_the_rule_of_the_study(study: Study) -> None:
    unit = Unit(MODEL, "blocks.1.0", 3)
    natural = study.stimuli.natural.model_copy(update={"rule": "zimmermann2023"})
    stimuli = study.stimuli.model_copy(update={"natural": natural})
    changed = study.replace(stimuli=stimuli.model_dump())
    values = np.random.default_rng(3).normal(size=60).astype(np.float32)
    images = [f"i{k}.jpg" for k in range(60)]
    found = exemplars_of(changed, Manifest(), unit, 0, values, images, {})
    expected = natural_batches(
        values,
        rule="zimmermann2023",
        n_references=9,
        n_batches=3,
        seed=exemplar_seed(study.seed, unit),
    )
    assert found.queries["max"].source == images[expected.max[0][-1]]
    assert found.queries["max"].rank > 27


def test_exemplars_say_why_there_are_none(study: Study) -> None:
    unit = Unit(MODEL, "blocks.1.0", 3)
    found = exemplars_of(study, Manifest(), unit, 0, np.ones(60, np.float32), ["x"] * 60, {})
    assert "dead" in found.problem
    assert found.references["max"] == ()


def test_beyond_natural_counts_by_side() -> None:
    assert beyond_natural((), "max", 3.0) == (0, 0)


def test_adding_a_unit_keeps_the_others(study: Study) -> None:
    unit = Unit(MODEL, "blocks.3.1", 9)
    changed = units_study.add_units(study, [unit], "hand_picked")
    changed.save()
    again = Study.load(study.folder)
    assert len(again.units) == len(study.units) + 1
    entry = units_study.entry_of(again, unit)
    assert entry is not None and entry.selection == "hand_picked" and entry.role == "main"
    assert units_study.unit_count(again).chosen == 5


def test_removing_practice_units_is_refused(study: Study) -> None:
    with pytest.raises(units_study.UnitsFixedError, match="practice"):
        units_study.remove_unit(study, Unit(MODEL, "blocks.3.1", 5))


def test_the_last_main_unit_stays(study: Study) -> None:
    for entry in [e for e in study.units if e.role == "main"][:-1]:
        study = units_study.remove_unit(study, entry.unit)
    last = next(e for e in study.units if e.role == "main")
    with pytest.raises(units_study.UnitsFixedError, match="last main unit"):
        units_study.remove_unit(study, last.unit)


def test_a_locked_study_refuses_every_change(study: Study) -> None:
    (study.folder / lock.FILE_NAME).write_text("{}")
    unit = Unit(MODEL, "blocks.3.1", 9)
    for change in (
        lambda: units_study.add_units(study, [unit], "random"),
        lambda: units_study.remove_unit(study, study.units[0].unit),
        lambda: units_study.exchange_unit(study, study.units[0].unit, unit, "random"),
        lambda: units_study.redraw_units(study, [unit]),
    ):
        with pytest.raises(lock.StudyLockedError, match="locked"):
            change()


def test_drawing_never_takes_a_unit_that_is_used(study: Study) -> None:
    layers = layers_of(MODEL)
    drawn = units_study.draw_units(study, MODEL, layers, 30, 3)
    assert len(set(drawn)) == 30
    assert not set(drawn) & {entry.unit for entry in study.units}
    assert drawn == units_study.draw_units(study, MODEL, layers, 30, 3)


def test_redrawing_replaces_random_main_units_in_place(study: Study) -> None:
    fresh = units_study.draw_units(study, MODEL, layers_of(MODEL), 4, 1)
    changed = units_study.redraw_units(study, fresh)
    assert [e.unit for e in changed.units if e.role == "main"] == list(fresh)
    assert [e for e in changed.units if e.role != "main"] == [
        e for e in study.units if e.role != "main"
    ]


def test_overview_has_layers_across_and_roles_down(study: Study) -> None:
    found = units_study.overview(study, layers_of(MODEL))
    assert found.columns == ("blocks.1.0", "blocks.3.1")
    assert found.rows == ("main", "practice", "catch")
    assert len(found.cells["main", "blocks.1.0"]) == 2
    assert "Practice (2) and catch (1)" in units_study.fixed_units_text(study)


def test_a_unit_list_names_the_wrong_line() -> None:
    layers = layers_of(MODEL)
    text = "# my units\nblocks.3.1:4\n\nblocks.1.0:2  # second\nblocks.3.1:4\n"
    assert units_study.parse_unit_list(text, MODEL, layers) == [
        Unit(MODEL, "blocks.3.1", 4),
        Unit(MODEL, "blocks.1.0", 2),
    ]
    with pytest.raises(UnitAddressError, match="Line 2"):
        units_study.parse_unit_list("blocks.3.1:4\nnonsense", MODEL, layers)
    with pytest.raises(UserError):
        units_study.parse_unit_list("blocks.3.1:80000", MODEL, layers)
