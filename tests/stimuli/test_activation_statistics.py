"""Statistics and maps of units agree with the activations that they belong to."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from imi_desktop.models.loading import describe, load_network
from imi_desktop.stimuli import unit_statistics as statistics_module
from imi_desktop.stimuli.activation_table import ActivationTable, table_path
from imi_desktop.stimuli.activations import record_activations
from imi_desktop.stimuli.exemplars import ranking
from imi_desktop.stimuli.image_folder import index_folder
from imi_desktop.stimuli.sparseness import lifetime_sparseness
from imi_desktop.stimuli.unit_statistics import QUANTILES, statistics_path, unit_statistics

LAYERS = ["features.0", "features.3.squeeze"]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMI_HOME", str(tmp_path_factory.mktemp("home")))
        describe("random:squeezenet1_1")
        return load_network("random:squeezenet1_1", device="cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for number in range(20):
        pixels = rng.integers(0, 256, (48, 48, 3), dtype=np.uint8) // (1 + number % 3)
        Image.fromarray(pixels.astype(np.uint8)).save(root / f"{number:02d}.png")
    return index_folder(root)


@pytest.fixture
def table(network, folder, tmp_path):
    layers = [network.layer(name) for name in LAYERS]
    record_activations(network, folder, layers, tmp_path)
    return ActivationTable.read(tmp_path, network.name, "features.0")


def test_statistics_are_those_of_the_columns(table):
    statistics = unit_statistics(table)
    assert statistics.channels == table.channels
    for row, channel in enumerate(table.channels[::9]):
        row *= 9
        values = table.unit(channel)
        assert statistics.quantiles[row] == pytest.approx(np.quantile(values, QUANTILES), abs=1e-6)
        assert statistics.mean[row] == pytest.approx(values.mean(), abs=1e-5)
        assert (values[statistics.top[row]] == np.sort(values)[::-1][:9]).all()
        assert (values[statistics.bottom[row]] == np.sort(values)[:9]).all()
        assert statistics.sparseness[row] == pytest.approx(lifetime_sparseness(values[:, None])[0])
    assert not statistics.dead.any()


def test_equal_activations_are_ranked_by_image_from_both_ends(tmp_path, monkeypatch):
    rng = np.random.default_rng(4)
    values = rng.integers(0, 4, (60, 12)).astype(np.float32)
    values[:, 3] = 2.0
    path = table_path(tmp_path, "net", "layer")
    path.parent.mkdir(parents=True)
    columns = {"image": [f"{n:02}.png" for n in range(60)]}
    columns |= {f"c{n}": values[:, n] for n in range(12)}
    metadata = {"imi.format": "1", "imi.model": "net", "imi.layer": "layer"}
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)
    monkeypatch.setattr(statistics_module, "_BLOCK_BYTES", 4 * 60 * 5)  # three blocks
    statistics = unit_statistics(ActivationTable.read(tmp_path, "net", "layer"))
    for unit in range(12):
        order = ranking(values[:, unit])
        assert (statistics.top[unit] == order[:9]).all()
        assert (statistics.bottom[unit] == order[::-1][:9]).all()
    assert np.flatnonzero(statistics.dead).tolist() == [3]


def test_statistics_are_kept_until_the_table_changes(table, monkeypatch, folder, network):
    first = unit_statistics(table)
    with monkeypatch.context() as patch:
        patch.setattr(statistics_module, "compute_statistics", lambda table: pytest.fail("again"))
        again = unit_statistics(table)
    for name in ("quantiles", "mean", "std", "top", "bottom"):
        assert (getattr(first, name) == getattr(again, name)).all()
    study = table.path.parents[2]
    fewer = folder.without({"00.png": "left out"})
    record_activations(network, fewer, [network.layer("features.0")], study)
    changed = unit_statistics(ActivationTable.read(study, network.name, "features.0"))
    assert changed.top.max() < 19


def test_damaged_statistics_are_computed_again(table):
    first = unit_statistics(table)
    statistics_path(table).write_bytes(b"torn")
    assert (unit_statistics(table).top == first.top).all()
