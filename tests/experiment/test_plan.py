"""Session plans: reproducible, balanced, disjoint, and complete."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict

import pytest
from assembled_study import assemble
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2_contingency

from imi_desktop.experiment.participant import (
    InvalidParticipantIdError,
    open_number,
    participant_id,
    participant_number,
)
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import protocol_names
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.trial import PageStep, SessionPlan, Trial

MODELS = ("inceptionv1", "efficientnet_lite0")
STUDIES = {
    (name, model): assemble(name, model=model) for name in protocol_names() for model in MODELS
}
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True).filter(
    lambda text: (
        text.lower() not in {"con", "prn", "aux", "nul"}
        and not text.lower().startswith(("com", "lpt"))
    )
)


def all_trials(plan: SessionPlan) -> list[Trial]:
    """Trials of all attempts."""
    later = [t for b in plan.blocks for attempt in b.later_attempts for t in attempt]
    return [*plan.trials, *later]


@pytest.mark.parametrize(("protocol", "model"), STUDIES)
@settings(max_examples=5, deadline=None)
@given(participant=ids)
def test_every_plan_is_sound(protocol: str, model: str, participant: str):
    study = STUDIES[protocol, model]
    plan = plan_session(study, participant)
    assert plan == plan_session(study, participant)
    assert [t.number for t in plan.trials] == sorted({t.number for t in plan.trials})
    assert [b.number for b in plan.blocks] == list(range(1, len(plan.blocks) + 1))
    units: dict[str, set] = defaultdict(set)
    seen: Counter = Counter()
    roles = {entry.unit: entry.role for entry in study.units}
    for trial in plan.trials:
        units[roles[trial.unit]].add(trial.unit)
        if trial.phase == "main" and not trial.catch and trial.task != "intuitiveness":
            seen[trial.unit, trial.condition] += 1
    assert max(seen.values()) == 1, "a unit comes twice in one condition"
    kinds = list(units.values())
    assert sum(map(len, kinds)) == len(set().union(*kinds)), "roles share a unit"
    for trial in all_trials(plan):
        if trial.task == "intuitiveness":
            assert trial.target_position is None
            assert not trial.queries
            assert len(trial.references_min) == len(trial.references_max) == 9
            continue
        assert trial.target_position in trial.queries
        if trial.condition == "none":
            assert not trial.references_min
            assert not trial.references_max
        if trial.catch and trial.references_max and trial.task == "forward_prediction":
            assert trial.queries[trial.target_position] in trial.references_max
        elif not trial.catch:
            shown = {*trial.references_min, *trial.references_max}
            assert not shown & set(trial.queries.values())
            assert len(set(trial.queries.values())) == len(trial.queries)


@pytest.mark.parametrize(("protocol", "model"), STUDIES)
def test_what_is_shown_is_what_is_generated(protocol: str, model: str):
    study = STUDIES[protocol, model]
    files = set(stimuli_needed(study).files)
    shown = set()
    for number in range(1, 15):
        shown |= {file for t in all_trials(plan_session(study, f"P{number}")) for file in t.images}
    assert shown <= files


def test_nothing_superfluous_is_generated():
    study = assemble("quick", model="efficientnet_lite0", participants=6)
    needed = stimuli_needed(study)
    shown = {
        file
        for number in range(1, 7)
        for t in plan_session(study, f"P{number}").trials
        for file in t.images
    }
    assert set(needed.files) == shown
    assert needed.images_needed == 2 * 10 * study.stimuli.natural.batches
    assert set(needed.units) == {entry.unit for entry in study.units}


def test_only_the_seed_and_the_id_matter():
    study = assemble("quick", model="efficientnet_lite0")
    plan = plan_session(study, "P3")
    assert plan != plan_session(study, "P4")
    other = plan_session(study.replace(seed=6), "P3")
    assert [t.unit for t in plan.trials] != [t.unit for t in other.trials]
    assert plan.counterbalancing == other.counterbalancing


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("quick", "fddb38c58427e331"),
        ("borowski2021-2", "f98e03ed1e0be48a"),
        ("zimmermann2021", "38fd3e4884d2bdcf"),
        ("zimmermann2023", "f16fa145468e880e"),
    ],
)
def test_lists_are_the_same_on_every_machine_and_in_every_version(protocol: str, expected: str):
    """Studies under way rely on it: a changed digest means changed trial lists."""
    drawn = STUDIES[protocol, "efficientnet_lite0"]
    units = [
        {**entry.model_dump(exclude_none=True), "layer": f"layer{index}", "channel": index}
        for index, entry in enumerate(drawn.units)
    ]
    rows = [
        [t.number, t.condition, t.unit.channel, t.target_position, t.image_set, t.catch]
        for t in plan_session(drawn.replace(units=units), "P07").trials
    ]
    assert hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16] == expected


@pytest.mark.parametrize(
    "protocol", ["quick", "borowski2021-1", "zimmermann2023", "zimmermann2021"]
)
def test_the_right_side_is_a_fair_coin(protocol: str):
    study = STUDIES[protocol, "inceptionv1"]
    # With shared order the same lists come back in each of the five conditions.
    numbers = range(1, 201, 5) if study.design.shared_order else range(1, 41)
    trials = [
        t
        for n in numbers
        for t in plan_session(study, f"P{n}").trials
        if t.target_position is not None
    ]
    first = [t.target_position in {"upper", "left"} for t in trials]
    assert binomtest(sum(first), len(first)).pvalue > 1e-4
    for key in (
        lambda t: t.condition,
        lambda t: t.catch,
        lambda t: t.unit.channel % 2,
        lambda t: t.number,
    ):
        table = defaultdict(lambda: [0, 0])
        for trial, upper in zip(trials, first, strict=True):
            table[key(trial)][upper] += 1
        rows = [row for row in table.values() if sum(row) >= 10]
        if len(rows) > 1:
            assert chi2_contingency(rows).pvalue > 1e-4


def test_balanced_positions_differ_by_one_at_most():
    study = STUDIES["quick", "efficientnet_lite0"]
    for number in range(1, 30):
        for block in plan_session(study, f"P{number}").blocks:
            for catch in (False, True):
                sides = Counter(t.target_position for t in block.trials if t.catch is catch)
                assert abs(sides["upper"] - sides["lower"]) <= 1


def test_catch_trials_come_anywhere():
    study = STUDIES["zimmermann2023", "efficientnet_lite0"]
    places = Counter(
        place
        for number in range(1, 121)
        for place, t in enumerate(plan_session(study, f"P{number}").blocks[-1].trials)
        if t.catch
    )
    counts = [places[place] for place in range(45)]
    assert min(counts) > 0
    expected = sum(counts) / len(counts)
    assert sum((c - expected) ** 2 / expected for c in counts) < 90  # χ²(44), p ≈ 5e-5


def test_planned_participants_bound_the_images():
    study = assemble("borowski2021-1", participants=4)
    batches = {b for batches in stimuli_needed(study).natural.values() for b in batches}
    assert batches == {0, 1, 2, 3, 4, 5, 6}
    assert plan_session(study, "P5").counterbalancing == plan_session(study, "P1").counterbalancing


def test_conditions_left_out():
    study = assemble("borowski2021-1", conditions=["natural", "none"])
    plan = plan_session(study, "P1")
    assert {t.condition for t in plan.trials} == {"natural", "none"}
    study = assemble("zimmermann2021", conditions=["natural", "none"])
    assigned = [plan_session(study, f"P{n}").counterbalancing["condition"] for n in range(1, 5)]
    assert assigned == ["natural", "none", "natural", "none"]


def test_a_number_can_be_given_instead_of_read():
    study = STUDIES["borowski2021-2", "inceptionv1"]
    assert plan_session(study, "anna", number=3).counterbalancing == (
        plan_session(study, "P03").counterbalancing
    )


@pytest.mark.parametrize("text", ["P07", "a", "x_1-2.3", "A" * 64, "007", "comet"])
def test_good_ids(text: str):
    assert participant_id(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "a/b", "a\\b", "..", ".", "-a", "a b", "ä", "A" * 65, "con", "NUL", "lpt1", "aux.x", "a.",
     "a\n", "a:b"],
)  # fmt: skip
def test_bad_ids(text: str):
    with pytest.raises(InvalidParticipantIdError):
        participant_id(text)


def test_numbers():
    assert participant_number("P07") == 7
    assert participant_number("12") == 12
    assert participant_number("anna") == participant_number("anna") >= 1
    assert participant_number("anna") != participant_number("berta")


def test_excluded_sessions_are_posted_again():
    assert open_number({}) == 1
    assert open_number({1: True, 2: True}) == 3
    assert open_number([(1, True), (2, False), (3, True)]) == 2
    assert open_number([(1, True), (2, False), (3, True), (2, True)]) == 4


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("audience", ["expert", "lay", "agnostic"])
def test_every_page_of_every_protocol_has_words(language: str, audience: str):
    for (_, model), study in STUDIES.items():
        if model != "inceptionv1":
            continue
        spoken = study.replace(language=language, audience=audience)
        for number in range(1, 6):
            plan = plan_session(spoken, f"P{number}")
            pages = [*plan.opening, *plan.closing, *(p for b in plan.blocks for p in b.before)]
            assert len({page.name for page in pages}) == len(pages)
            for page in pages:
                if isinstance(page, PageStep):
                    text = " ".join([page.title, *page.paragraphs])
                    assert "{" not in text
                    assert text.count("**") % 2 == 0
            for block in plan.blocks:
                assert block.wording.question.count("**") in {0, 2}
                assert block.wording.right_in_block.format(right=1, answered=2)


def test_consent_can_be_declined_and_instructions_last():
    plan = plan_session(STUDIES["quick", "efficientnet_lite0"], "P1")
    pages = {page.kind: page for page in plan.opening if isinstance(page, PageStep)}
    assert pages["consent"].decline
    assert pages["instructions"].minimum_ms > 0
