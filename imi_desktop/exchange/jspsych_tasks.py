"""Task folders of the online experiments: ``index.json`` and ``trials/trial_<n>/…``.

Each trial holds ``queries/{max,min}.png`` and ``references/{max,min}_<i>.png``; as published, max
references are numbered from 0 and min references from 1, because ``max_9`` and ``min_0`` are the
queries. Numbers in ``index.json`` may be texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imi_desktop import atomic
from imi_desktop.analysis.load import IMPORTED
from imi_desktop.errors import storage_error
from imi_desktop.exchange.imported_table import ForeignFormatError, ImportReport, sha256_of
from imi_desktop.models.unit import Unit, folder_name
from imi_desktop.stimuli.pack import QUERY, natural_path

MODEL = "jspsych"
_REFERENCE = re.compile(r"(max|min)_(\d)\.png")


def import_jspsych_tasks(source: Path, into: Path) -> ImportReport:
    """Copy the images of task folders into a study's stimuli.

    The tasks do not name units: trial n of a task becomes channel n of layer <task> of a network
    called ``jspsych``, so that nothing is claimed about it.

    Parameters
    ----------
    source : Path
        A task folder, or a folder of task folders.

    Raises
    ------
    ForeignFormatError
        If there is no ``index.json``, it cannot be read, or a trial lacks its queries.
    """
    report = ImportReport("jspsych-tasks", str(source))
    tasks = [source] if (source / "index.json").is_file() else sorted(
        path.parent for path in source.glob("*/index.json"))  # fmt: skip
    if not tasks:
        raise ForeignFormatError(f"{source} is no task folder: it holds no index.json.")
    for task in tasks:
        _import_task(task, into, report)
    report.mapped.append(
        "Tasks name no units: trial n of a task became channel n of a layer with the task's name."
    )
    provenance = json.dumps(report.to_json(), indent=1, ensure_ascii=False)
    atomic.write_text(into / IMPORTED / "jspsych-tasks.json", provenance)
    return report


def export_jspsych_tasks(study: Path, into: Path) -> list[Path]:
    """Write one task folder per kind of references and batch, one trial per unit.

    Beside ``index.json`` lies ``units.json``, which says what each trial is about.
    """
    written: list[Path] = []
    for name, trials in _tasks_of(study).items():
        folder = into / name
        references = {sum(1 for key in t["images"] if key.startswith("references/max"))
                      for t in trials}  # fmt: skip
        for number, trial in enumerate(trials, start=1):
            for place, path in trial["images"].items():
                target = folder / "trials" / f"trial_{number}" / place
                atomic.write_bytes(target, _bytes(study / path))
                written.append(target)
        index = {
            "task_name": name,
            "n_reference_images": str(max(references)),
            "n_trials": len(trials),
        }
        atomic.write_text(folder / "index.json", json.dumps(index))
        units = {f"trial_{n}": trial["unit"] for n, trial in enumerate(trials, start=1)}
        atomic.write_text(folder / "units.json", json.dumps(units, indent=1))
        written += [folder / "index.json", folder / "units.json"]
    return written


def _import_task(task: Path, into: Path, report: ImportReport) -> None:
    index = _index(task)
    name = folder_name(str(index.get("task_name") or task.name))
    expected = int(index["n_reference_images"])
    trials = sorted(_numbered(task / "trials"))
    if len(trials) != int(index["n_trials"]):
        report.problems[
            f"{name}: index.json says {index['n_trials']} trials, {len(trials)} are there"
        ] += 1
    for number, folder in trials:
        unit = Unit(MODEL, name, number)
        for side in ("max", "min"):
            query = folder / "queries" / f"{side}.png"
            if not query.is_file():
                raise ForeignFormatError(f"{folder} lacks queries/{side}.png.")
            _copy(query, into, natural_path(unit, 0, side, QUERY), task, report)
            shown = [
                path
                for path in sorted((folder / "references").glob(f"{side}_*.png"))
                if _REFERENCE.fullmatch(path.name)
            ]
            if len(shown) != expected:
                report.problems[
                    f"{name}, trial {number}: {len(shown)} {side} references, {expected} expected"
                ] += 1
            ordered = shown if side == "max" else list(reversed(shown))
            for place, path in enumerate(ordered):
                _copy(path, into, natural_path(unit, 0, side, place), task, report)


def _index(task: Path) -> dict[str, Any]:
    path = task / "index.json"
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        int(index["n_reference_images"]), int(index["n_trials"])
    except OSError as error:
        raise storage_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ForeignFormatError(
            f"{path} must be JSON with task_name, n_reference_images and n_trials ({error})."
        ) from error
    return dict(index)


def _numbered(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.glob("trial_*"):
        number = path.name.removeprefix("trial_")
        if path.is_dir() and number.isdigit():
            yield int(number), path


def _copy(path: Path, into: Path, name: str, task: Path, report: ImportReport) -> None:
    atomic.write_bytes(into / name, _bytes(path))
    source = f"{task.name}/{path.relative_to(task).as_posix()}"
    report.files.append({"name": source, "sha256": sha256_of(path), "rows": 1})
    report.outputs.append(name)


def _tasks_of(study: Path) -> dict[str, list[dict[str, Any]]]:
    tasks: dict[str, list[dict[str, Any]]] = {}
    for natural in sorted((study / "stimuli").glob("*/*/channel_*/natural_images/batch_*")):
        unit_folder = natural.parent.parent
        queries = {
            f"queries/{side}.png": natural / f"{side}_{QUERY}.png" for side in ("max", "min")
        }
        kinds = {"natural": natural, "synthetic": unit_folder / "optimized_images"}
        for condition, folder in kinds.items():
            images = dict(queries)
            for side in ("max", "min"):
                shown = sorted(folder.glob(f"{side}_[0-8].png"))
                images |= {
                    f"references/{side}_{place + (side == 'min')}.png": path
                    for place, path in enumerate(shown if side == "max" else reversed(shown))
                }
            whole = all(path.is_file() for path in images.values()) and len(images) > 2
            if whole:
                tasks.setdefault(f"{condition}_{natural.name}", []).append(
                    {
                        "unit": unit_folder.relative_to(study / "stimuli").as_posix(),
                        "images": {k: p.relative_to(study) for k, p in images.items()},
                    }
                )
    return tasks


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise storage_error("read", path, error) from error
