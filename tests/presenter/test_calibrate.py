"""``imi-desktop calibrate`` without a window."""

import json

import pytest

from imi_desktop.cli import main

pytestmark = pytest.mark.usefixtures("qapp")


def run(capsys, *arguments):
    code = main(["calibrate", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def readings_file(tmp_path, levels=(0, 64, 128, 192, 255)):
    path = tmp_path / "readings.csv"
    lines = [f"{level};{0.3 + 240 * (level / 255) ** 2.2:.4f}" for level in levels]
    path.write_text("\n".join(["level;cd_m2", *lines]))
    return str(path)


def test_measuring_saves_versions_that_the_report_prints(capsys, tmp_path):
    assert run(capsys, "--report")[0] == 1
    code, out, _ = run(
        capsys, "--card-px", "335.4", "--distance-mm", "600", "--name", "Booth A", "--json"
    )
    assert code == 0
    first = json.loads(out)
    assert (first["version"], first["saved"], first["name"]) == (1, True, "Booth A")
    assert first["px_per_degree"] == pytest.approx(41.03, abs=0.01)
    code, out, _ = run(
        capsys, "--readings", readings_file(tmp_path), "--background", "half_luminance", "--json"
    )
    second = json.loads(out)
    assert (second["version"], second["background_level"]) == (2, 186)
    assert second["size"]["card_px"] == 335.4
    code, out, _ = run(capsys, "--report")
    assert code == 0 and "Version            2" in out and "41.0" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--card-px", "-3"], "size.card_px"),
        (["--screen", "9", "--report"], "There is no screen 9"),
        (["--background", "half_luminance"], "only after luminance was measured"),
        (["--readings", "nowhere.csv"], "Could not read nowhere.csv"),
        (["--diode", "nowhere.csv"], "--flips"),
    ],
)
def test_bad_input_gets_one_sentence(capsys, arguments, sentence):
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert sentence in err and err.count("\n") == 1
    assert run(capsys, "--report")[0] == 1, "nothing was saved"
