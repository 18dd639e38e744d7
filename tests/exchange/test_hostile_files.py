"""Files that are wrong end in a sentence or a marked partial result, never in a wrong number."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imi_desktop.analysis.analyze import analyze
from imi_desktop.analysis.columns import TrialTableError
from imi_desktop.analysis.report import report_html
from imi_desktop.cli import main
from imi_desktop.exchange.borowski2021 import import_borowski2021
from imi_desktop.exchange.export import export_study
from imi_desktop.exchange.imi_responses import import_imi
from imi_desktop.exchange.imported_table import ForeignFormatError
from imi_desktop.exchange.trials_csv import import_trials_csv

FULL = os.environ.get("IMI_FULL") == "1"
HEAD = (
    "study,participant,session,task,phase,catch,block,trial,attempt,condition,scheme,model,layer,"
    "channel,unit_selection,image_set,target_position,chosen_position,correct,confidence,"
    "reaction_time_ms,timeout,included\n"
)


def answers(path: Path, rows: list[dict[str, object]]) -> Path:
    plain = {
        "participant": "P1", "session": "1", "task": "forward_prediction", "phase": "main",
        "catch": False, "block": 1, "attempt": 1, "condition": "natural", "correct": True,
        "confidence": 2, "reaction_time_ms": 1500.0, "included": True, "model": "m",
        "layer": "l", "channel": 1,
    }  # fmt: skip
    table = pd.DataFrame([plain | {"trial": i} | row for i, row in enumerate(rows, 1)])
    table.to_csv(path, index=False)
    return path


def people(
    count: int, trials: int, right: object = None, **more: object
) -> list[dict[str, object]]:
    random = np.random.default_rng(1)
    return [
        {
            "participant": f"P{person}", "trial": 2 * trial + (condition == "natural"),
            "condition": condition, "channel": trial,
            "correct": bool(random.random() < 0.8) if right is None else right, **more,
        }
        for person in range(count)
        for trial in range(trials)
        for condition in ("natural", "synthetic")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"confidence": 7}, "row 2: confidence is “7” but must be at most 3"),
        ({"confidence": 0}, "row 2: confidence is “0” but must be 1 or more"),
        ({"reaction_time_ms": -12.5}, "row 2: reaction_time_ms is “-12.5” but must be 0 or more"),
        ({"correct": "perhaps"}, "row 2: correct is “perhaps” but must be true or false"),
        ({"trial": 1}, "holds 1 trials twice, first trial 1 of block 1 of participant P1"),
        ({"channel": 10**23}, f"row 2: channel is “{10**23}” but must be a whole number"),
        ({"reaction_time_ms": 1e300}, "row 2: reaction_time_ms is “1e+300” but must be at most"),
        ({"reaction_time_ms": "1500,5"}, "row 2: reaction_time_ms is “1500,5” but must be a numb"),
        ({"participant": None}, "row 2: participant is missing"),
        ({"participant": "NA"}, "row 2: participant is missing"),
        ({"participant": "P\n1"}, "row 2: participant is “P␣1” but must be without line breaks"),
        ({"participant": "P\x001"}, "row 2: participant is “P␣1” but must be without line breaks"),
        ({"phase": None}, "row 2: phase is missing"),
        ({"catch": None}, "row 2: catch is missing"),
        ({"site": "elsewhere"}, "participant P1 is at two sites, none and elsewhere"),
        (
            {"target_position": "upper", "chosen_position": "upper", "correct": False},
            "row 2: correct contradicts the positions",
        ),
    ],
)
@pytest.mark.parametrize("way", ["import", "analyze"])
def test_wrong_values_are_refused_with_their_row(tmp_path, capsys, change, words, way):
    path = answers(tmp_path / "a.csv", [{}, change, {}])
    if way == "import":
        arguments = ["import", "trials-csv", str(path), "--into", str(tmp_path / "study")]
    else:
        arguments = ["analyze", str(path)]
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-32"])
def test_other_encodings_are_named(tmp_path, capsys, encoding):
    text = answers(tmp_path / "a.csv", [{"participant": "Zoë"}]).read_text("utf-8")
    (tmp_path / "b.csv").write_bytes(text.encode(encoding))
    assert main(["analyze", str(tmp_path / "b.csv")]) == 2
    error = capsys.readouterr().err
    assert "UTF-" in error
    assert error.count("\n") == 1


def test_mixed_line_ends_and_a_mark_change_nothing(tmp_path):
    path = answers(tmp_path / "a.csv", people(6, 4))
    lines = path.read_text("utf-8").splitlines()
    ends = ["\n", "\r\n"]
    mixed = "".join(line + ends[i % 2] for i, line in enumerate(lines))
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "a.csv").write_text("\ufeff" + mixed, encoding="utf-8", newline="")
    assert analyze([path]).measures == analyze([tmp_path / "mixed" / "a.csv"]).measures


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(",", ";"), "has semicolons between its cells"),
        (lambda text: text.replace(",", "\t"), "has tabs between its cells"),
        (lambda text: text.replace("1500.0", "1500,0"), "rows have more cells than its header"),
        (lambda text: text.replace("model", "correct", 1), "has the column “correct” twice"),
        (lambda text: "\0" + text, "is UTF-16 or no text"),
        (lambda text: text[: text.rindex(",")], "ends in the middle of a row"),
        (lambda text: text.replace("P3", '"P3', 1), "is not a table"),
        (lambda text: "", "is empty"),
    ],
)
def test_tables_of_another_shape_are_refused(tmp_path, capsys, change, words):
    path = answers(tmp_path / "a.csv", people(4, 3))
    path.write_text(change(path.read_text("utf-8")), encoding="utf-8")
    assert main(["analyze", str(path)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_order_spaces_and_further_columns_change_nothing(tmp_path):
    path = answers(tmp_path / "a.csv", people(6, 4))
    table = pd.read_csv(path, dtype=str)
    other = table[list(reversed(table.columns))].assign(mood="=1+1")
    other.columns = [f" {name} " for name in other.columns]
    other.to_csv(tmp_path / "b.csv", index=False)
    assert analyze([path]).measures == analyze([tmp_path / "b.csv"]).measures


@pytest.mark.parametrize(
    "name",
    ['=cmd|"/c calc"!A1', "../../etc/passwd", "👩🏽‍🔬 Zoë", "<script>alert(1)</script>", "CON"],
)
def test_any_name_of_a_participant_is_only_a_name(tmp_path, name):
    rows = [r | {"participant": name} if r["participant"] == "P1" else r for r in people(6, 4)]
    study = tmp_path / "in" / "study"
    import_trials_csv(answers(tmp_path / "a.csv", rows), study)
    found = analyze([study])
    assert name in set(found.trials["participant"])
    assert found.participants == 6
    assert "<script>alert" not in report_html(found)
    before = sorted(tmp_path.iterdir())
    for kind in ("csv", "bids", "psych-ds"):
        for file in export_study(study, tmp_path / "in" / kind, kind):
            assert file.resolve().is_relative_to((tmp_path / "in" / kind).resolve())
    assert sorted(tmp_path.iterdir()) == before


def test_people_of_two_studies_do_not_become_one(tmp_path):
    path = answers(
        tmp_path / "a.csv",
        [r | {"study": study, "session": study} for study in ("s1", "s2") for r in people(3, 2)],
    )
    assert analyze([path]).participants == 6
    with pytest.raises(ForeignFormatError, match="holds s1 and s2, and participants"):
        import_trials_csv(path, tmp_path / "study")


def test_trials_without_numbers_can_be_there_twice_which_is_said(tmp_path):
    path = answers(tmp_path / "a.csv", people(3, 2))
    pd.read_csv(path).drop(columns="trial").to_csv(path, index=False)
    report = import_trials_csv(path, tmp_path / "study")
    assert any("copies of trials cannot be noticed" in line for line in report.mapped)


def test_a_cut_off_file_is_refused(tmp_path):
    path = answers(tmp_path / "a.csv", people(4, 3))
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1] + ",1,2"]), encoding="utf-8")
    with pytest.raises(TrialTableError, match="is not a table"):
        import_trials_csv(path, tmp_path / "study")


def test_participants_with_one_trial(tmp_path):
    path = answers(tmp_path / "a.csv", [{"participant": f"P{i}"} for i in range(7)])
    found = analyze([path]).to_json()
    accuracy = found["measures"][0]
    assert (accuracy["mean"], accuracy["n_participants"], accuracy["ci95"]) == (1, 7, None)
    json.dumps(found, allow_nan=False)


def test_a_condition_missing_for_some_participants(tmp_path):
    rows = [r for r in people(9, 12) if r["participant"] > "P2" or r["condition"] == "natural"]
    found = analyze([answers(tmp_path / "a.csv", rows)])
    by_condition = {
        row.group["condition"]: row.n_participants
        for row in found.measures
        if row.measure == "proportion_correct"
    }
    assert by_condition == {"natural": 9, "synthetic": 6}
    paired = found.tests[0]
    assert (paired.n, paired.dropped[:22]) == (6, "3 without both values a"[:22])


@pytest.mark.parametrize("right", [True, False])
def test_all_tied_answers_give_reasons_and_no_intervals(tmp_path, right):
    path = answers(tmp_path / "a.csv", people(8, 6, right, confidence=2, reaction_time_ms=900.0))
    found = analyze([path]).to_json()
    for test in found["tests"]:
        if test["name"] != "Binomial":
            assert test["p"] is None
            assert test["reason"]
    assert all(row["ci95"] is None for row in found["measures"])
    json.dumps(found, allow_nan=False)


def test_an_empty_table_has_no_numbers(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(HEAD, encoding="utf-8")
    assert main(["analyze", str(tmp_path / "a.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["measures"] == []
    with pytest.raises(ForeignFormatError, match="holds no trials"):
        import_trials_csv(tmp_path / "a.csv", tmp_path / "study")


def large(path: Path, megabytes: float) -> int:
    """Write a table of about this size; gives the number of trials."""
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        while file.tell() < megabytes * 1e6:
            lines = []
            for trial in range(1, 501):
                lines.append(
                    f"big,worker-{rows // 500:06d},s,forward_prediction,main,False,"
                    f"{1 + trial // 50},{trial},1,natural,min_max_9,resnet50,layer{trial % 9}.conv,"
                    f"{trial % 64},random,{trial % 10},upper,upper,True,{1 + trial % 3},"
                    f"{1000 + trial}.5,False,True\n"
                )
            file.write("".join(lines))
            rows += 500
    return rows


PEAK = """
import json, sys
from pathlib import Path
from imi_desktop.exchange.trials_csv import import_trials_csv
report = import_trials_csv(Path(sys.argv[1]), Path(sys.argv[2]))
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([report.trials, peak]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
@pytest.mark.parametrize(
    ("megabytes", "most"),
    [(8, 600), pytest.param(200, 600, marks=pytest.mark.skipif(not FULL, reason="IMI_FULL=1"))],
)
@pytest.mark.timeout(900)
def test_large_files_are_imported_in_bounded_memory(tmp_path, megabytes, most):
    """Measured: 200 MB with 1.2 million trials 390 MB in all, 2 GB with 12 million 567 MB."""
    rows = large(tmp_path / "large.csv", megabytes)
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / "large.csv"), str(tmp_path / "study")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported, peak = json.loads(run.stdout)
    assert imported == rows
    assert peak < most


def responses(path: Path, **change: object) -> Path:
    """Twelve answers of one participant as the online experiments released theirs."""
    table = pd.DataFrame(
        {
            "participant_id": "w1", "task_id": "t1", "rt": 900.5 + i, "button_pressed": i % 6,
            "confidence": i % 3 + 1, "correct": i % 4 > 0, "catch_trial": False, "is_demo": False,
            "batch": 1, "layer": "layer1.0", "channel": i, "mode": "natural", "model": "resnet50",
            "passed_checks": True,
        }
        for i in range(12)
    ).astype(object)  # fmt: skip
    for name, value in change.items():
        table.loc[5, name] = value
    table.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["catch_trial", "is_demo", "passed_checks"])
@pytest.mark.parametrize("value", ["perhaps", None])
def test_what_decides_whether_an_answer_counts_is_not_guessed(tmp_path, name, value):
    path = responses(tmp_path / "responses_a.csv", **{name: value})
    with pytest.raises(ForeignFormatError, match=f"row 6: {name} is .* but must be true or false"):
        import_imi(path, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_copied_rows_of_unnumbered_trials_are_refused(tmp_path):
    path = responses(tmp_path / "responses_a.csv")
    assert import_imi(path, tmp_path / "once").trials == 12
    head, *rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(head + "".join([*rows, *rows]), encoding="utf-8")
    with pytest.raises(ForeignFormatError, match="holds 12 rows twice, first row 13"):
        import_imi(path, tmp_path / "study")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_encodings_are_named_for_released_files_too(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("subject_id,trial_nr\n1,2\n".encode(encoding))
    with pytest.raises(TrialTableError, match="is UTF-16"):
        import_borowski2021(tmp_path / "a.csv", tmp_path / "study")
