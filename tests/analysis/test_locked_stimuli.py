"""Whether stimuli are as locked, by what the manifest says."""

from __future__ import annotations

from pathlib import Path

from imi_desktop.analysis.analyze import analyze
from imi_desktop.analysis.locked_stimuli import LockedStimuli, check_locked_stimuli
from imi_desktop.analysis.report import report_html
from imi_desktop.exchange.imported_study import make_study
from imi_desktop.experiment.lock import lock_study
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.stimuli.manifest import Record, append
from imi_desktop.stimuli.pack import sha256_of


def record(study: Study, file: str, sha256: str) -> None:
    unit = study.units[0].unit
    made = Record(file, sha256, unit, "natural", "max", 0, activation=1.0, task="", made="")
    append(study.folder, [made])


def test_missing_and_changed_stimuli_are_counted(tmp_path: Path):
    make_study(tmp_path / "s", "borowski2021-1", "inceptionv1", seed=5)
    study = Study.load(tmp_path / "s")
    assert check_locked_stimuli([study.folder]) == LockedStimuli()
    assert "<td>Stimuli match the lock</td><td>not locked</td>" in report_html(
        analyze([study.folder])
    )
    files = stimuli_needed(study).files[:4]
    for file in files:
        (study.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (study.folder / file).write_bytes(b"image")
    record(study, files[0], sha256_of(study.folder / files[0]))
    lock_study(study)
    assert check_locked_stimuli([study.folder]).matching == 4
    record(study, files[0], "made again")
    (study.folder / files[1]).unlink()
    report = report_html(analyze([study.folder]))
    assert "<td>Stimuli match the lock</td><td>2 of 4, 1 changed and 1 missing</td>" in report
    found = check_locked_stimuli([study.folder, tmp_path / "elsewhere"])
    assert found == LockedStimuli(studies=1, locked=4, missing=1, changed=1)
    assert found.matching == 2
