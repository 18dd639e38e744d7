"""The built-in protocols are the published designs."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from assembled_study import assemble

from imi_desktop.experiment.balance import balanced_subsets
from imi_desktop.experiment.feasibility import study_notes, study_problems
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import Protocol, protocol_names
from imi_desktop.experiment.published_units import published_sets
from imi_desktop.experiment.trial import SessionPlan, Trial
from imi_desktop.models.layer_tables import layers_of


def asked(plan: SessionPlan) -> list[Trial]:
    """Main trials without catch and intuitiveness trials."""
    return [
        t for t in plan.trials if t.phase == "main" and not t.catch and t.task != "intuitiveness"
    ]


@pytest.mark.parametrize("name", protocol_names())
@pytest.mark.parametrize("model", ["inceptionv1", "efficientnet_lite0"])
def test_every_protocol_runs_with_either_network(name: str, model: str):
    study = assemble(name, model=model)
    assert study_problems(study) == []
    assert [note for note in study_notes(study) if "imi-desktop pick" not in note] == []
    assert Protocol.load(name).source


class TestExperiment1:
    """Borowski et al. 2021, Experiment I (A.1.1, Fig. 8; released answers)."""

    study = assemble("borowski2021-1")

    @pytest.mark.parametrize("number", range(1, 11))
    def test_counts(self, number: int):
        plan = plan_session(self.study, f"{number}")
        assert Counter(t.condition for t in asked(plan)) == {
            "synthetic": 45,
            "natural": 45,
            "none": 45,
        }
        practice = Counter(t.condition for t in plan.trials if t.phase == "practice")
        assert practice == {"none": 5, "synthetic": 5, "natural": 5}
        catch = Counter(t.condition for t in plan.trials if t.catch)
        assert catch == {"synthetic": 9, "natural": 9}
        assert sum(t.task == "intuitiveness" for t in plan.trials) == 3
        assert sum(block.length for block in plan.blocks if block.repeats) == 18

    @pytest.mark.parametrize("number", range(1, 11))
    def test_blocks_as_released(self, number: int):
        plan = plan_session(self.study, f"{number}")
        order = ["synthetic", "natural"] if number % 2 else ["natural", "synthetic"]
        blocks = [b for b in plan.blocks if b.trials]
        sizes = [sum(not t.catch for t in b.trials) for b in blocks]
        none = [11, 11, 11, 11]
        none[(number - 1) % 4] = 12
        assert sizes == [3, 5, *none[:2], 5, 5, *[15] * 6, *none[2:]]
        assert [b.trials[0].condition for b in blocks[4:12]] == order * 4
        assert [sum(t.catch for t in b.trials) for b in blocks[6:12]] == [3] * 6

    @pytest.mark.parametrize("number", [1, 2, 10])
    def test_batches_follow_the_participant(self, number: int):
        plan = plan_session(self.study, f"P{number:02}")
        batches = defaultdict(set)
        for trial in asked(plan):
            batches[trial.condition].add(int(trial.image_set))
        assert batches == {"none": {number}, "natural": {number + 1}, "synthetic": {number + 2}}
        assert {t.image_set for t in plan.trials if t.catch or t.phase == "practice"} == {"0"}

    def test_practice_lists_change_types(self):
        found = set()
        for number in range(1, 25):
            plan = plan_session(self.study, f"P{number}")
            lists = defaultdict(set)
            for trial in plan.trials:
                if trial.phase == "practice":
                    lists[trial.condition].add(trial.unit)
            assert len(set().union(*lists.values())) == 15
            found.add(tuple(frozenset(lists[c]) for c in ("none", "synthetic", "natural")))
        assert len(found) == 6

    def test_repeated_types_come_in_random_order(self):
        orders = {
            tuple(
                b.repeats.condition for b in plan_session(self.study, f"P{n}").blocks if b.repeats
            )
            for n in range(1, 31)
        }
        assert len(orders) == 6

    def test_hand_picked_units(self):
        trials = asked(plan_session(self.study, "P1"))
        natural = [t for t in trials if t.condition == "natural"]
        assert Counter(t.unit_selection for t in natural) == {"random": 36, "hand_picked": 9}
        assert Counter(t.branch for t in natural) == {"1x1": 9, "3x3": 9, "5x5": 9, "pool": 18}
        assert len({t.unit.layer for t in natural}) == 9


class TestExperiment2:
    """Borowski et al. 2021, Experiment II: Table 1."""

    study = assemble("borowski2021-2")
    schemes = ("max_1", "min_max_1", "max_9", "min_max_9")
    table = ("0A 1B 2C 3D", "0B 2D 1C 3A", "3B 1D 2A 0C", "3C 2B 1A 0D")

    @pytest.mark.parametrize("number", range(1, 14))
    def test_table_1(self, number: int):
        plan = plan_session(self.study, f"{number}")
        sets = {e.unit: e.set for e in self.study.units if e.role == "main"}
        order = []
        for trial in asked(plan):
            cell = f"{self.schemes.index(trial.scheme)}{sets[trial.unit]}"
            if cell not in order:
                order.append(cell)
        assert " ".join(order) == self.table[(number - 1) % 4]
        natural = 2 * ((number - 1) // 4) + 1
        for trial in asked(plan):
            assert int(trial.image_set) == natural + (trial.condition == "synthetic")
        first = asked(plan)[0].condition
        assert first == ("natural" if (number - 1) // 4 % 2 == 0 else "synthetic")

    @pytest.mark.parametrize("number", range(1, 9))
    def test_counts(self, number: int):
        plan = plan_session(self.study, f"{number}")
        cells = Counter((t.condition, t.scheme) for t in asked(plan))
        assert set(cells.values()) == {20}
        assert len(cells) == 8
        main = [b for b in plan.blocks if b.name == "main"]
        assert [len(b.trials) for b in main] == [12] * 16
        assert [sum(t.catch for t in b.trials) for b in main] == [2] * 16
        kinds = [b.trials[0].condition for b in main]
        assert all(one != other for one, other in zip(kinds[::2], kinds[1::2], strict=True))
        assert sum(t.phase == "practice" for t in plan.trials) == 24
        first, last = plan.blocks[0], plan.blocks[-1]
        assert {t.task for t in (*first.trials, *last.trials)} == {"intuitiveness"}

    def test_schemes_show_what_they_say(self):
        for trial in asked(plan_session(self.study, "1")):
            least, most = len(trial.references_min), len(trial.references_max)
            expected = {"max_1": (0, 1), "min_max_1": (1, 1), "max_9": (0, 9), "min_max_9": (9, 9)}
            assert (least, most) == expected[trial.scheme]

    def test_lay_participants_only_are_asked_about_their_strategy(self):
        lay = plan_session(self.study, "1", audience="lay")
        expert = plan_session(self.study, "1", audience="expert")
        assert [step.name for step in lay.closing] == ["strategy", "strategy_change", "thanks"]
        assert [step.name for step in expert.closing] == ["thanks"]
        assert [t.images for t in lay.trials] == [t.images for t in expert.trials]


class TestCounterfactual:
    """Zimmermann et al. 2021."""

    study = assemble("zimmermann2021")

    def test_conditions_and_image_sets_are_balanced(self):
        cells = Counter()
        for number in range(1, 251):
            plan = plan_session(self.study, f"P{number}")
            main = asked(plan)
            assert len(main) == 18
            assert sum(t.catch for t in plan.trials) == 3
            cells[main[0].condition, main[0].image_set] += 1
        assert len(cells) == 50
        assert set(cells.values()) == {5}

    def test_same_place_same_order_in_every_condition(self):
        lists = [
            [(t.unit, t.catch, t.target_position) for t in plan_session(self.study, f"P{n}").trials
             if t.phase == "main"]
            for n in (6, 7, 8, 9, 10)
        ]  # fmt: skip
        assert all(one == lists[0] for one in lists)

    def test_practice_draws_four_of_ten_until_perfect(self):
        practice = plan_session(self.study, "P1").blocks[1]
        assert practice.repeat_until_perfect
        attempts = [practice.trials_of(n) for n in range(1, 12)]
        assert all(len(attempt) == 4 for attempt in attempts)
        assert all(len({t.unit for t in attempt}) == 4 for attempt in attempts)
        assert len({t.unit for attempt in attempts for t in attempt}) == 10
        assert all(t.feedback for attempt in attempts for t in attempt)
        none = plan_session(self.study, "P5").blocks[1]
        assert none.trials[0].condition == "none"
        assert not none.repeat_until_perfect

    def test_screen(self):
        trial = asked(plan_session(self.study, "P3"))[0]
        assert trial.condition == "mixed"
        assert set(trial.queries) == {"upper", "left", "right"}
        assert not trial.references_min
        assert sum("natural_images" in file for file in trial.references_max) == 5
        assert sum("optimized_images" in file for file in trial.references_max) == 4
        assert not trial.feedback

    def test_words_fit_the_condition(self):
        plans = {
            plan.trials[0].condition: plan
            for plan in (plan_session(self.study, f"P{n}") for n in range(1, 6))
        }
        titles = {name: plan.blocks[-1].wording.title_min for name, plan in plans.items()}
        assert titles.pop("none") == "Favourite image"
        assert set(titles.values()) == {"Another favourite image"}
        told = {
            name: any("blurred" in line for page in plan.opening for line in page.paragraphs)
            for name, plan in plans.items()
        }
        assert [name for name, said in told.items() if said] == ["blurred"]

    def test_catch_without_references_borrows_its_distractor(self):
        plan = plan_session(self.study, "P5")
        for trial in (t for t in plan.trials if t.catch):
            assert trial.target_position is not None
            own = f"stimuli/{trial.unit.folder}/"
            wrong = {"left": "right", "right": "left"}[trial.target_position]
            assert trial.queries[trial.target_position].startswith(own)
            assert not trial.queries[wrong].startswith(own)


def test_replication_counts():
    study = assemble("zimmermann2021-replication")
    seen = Counter()
    for number in range(1, 261):
        plan = plan_session(study, f"P{number}")
        assert [len(b.trials) for b in plan.blocks] == [1, 2, 12]
        main = asked(plan)
        assert {t.branch for t in main} == {"3x3"}
        assert all(t.feedback for t in plan.trials)
        seen[main[0].condition, int(main[0].image_set)] += 1
    natural = {("natural", batch): 13 for batch in range(2, 12)}
    assert seen == natural | {("synthetic", batch): 13 for batch in range(3, 13)}


def test_replication_catch_trials():
    """A.8 and the released scripts: the laboratory's pool, the strongest reference is copied."""
    study = assemble("zimmermann2021-replication")
    pool = {entry.unit for entry in study.units_of("catch")}
    lab = assemble("borowski2021-1")
    assert pool == {entry.unit for entry in lab.units if entry.role == "practice"}
    seen = set()
    for number in range(1, 31):
        catch = [t for t in plan_session(study, f"P{number}").trials if t.catch]
        assert len({t.unit for t in catch}) == 3
        assert all(
            set(t.queries.values()) == {t.references_max[-1], t.references_min[-1]} for t in catch
        )
        seen |= {t.unit for t in catch}
    assert seen == pool


class TestScale:
    """Zimmermann, Klein & Brendel 2023."""

    study = assemble("zimmermann2023", model="efficientnet_lite0")

    def test_every_unit_is_answered_by_30_people(self):
        answers = Counter()
        of_images = Counter()
        for number in range(1, 127):
            plan = plan_session(self.study, f"P{number}")
            main = asked(plan)
            assert len(main) == len({t.unit for t in main}) == 40
            assert sum(t.catch for t in plan.trials) == 5
            assert all(t.feedback for t in plan.trials)
            answers.update((t.unit, t.condition) for t in main)
            of_images.update((t.unit, t.condition, t.image_set) for t in main)
        assert len(answers) == 2 * 84
        assert set(answers.values()) == {30}
        # A.2: three people for each of a unit's ten image sets; 63 people are no multiple of ten.
        assert len(of_images) == 2 * 84 * 10
        assert set(of_images.values()) <= {2, 3, 4}

    def test_ten_batches_in_turn(self):
        batches = [asked(plan_session(self.study, f"P{n}"))[0].image_set for n in range(1, 41, 2)]
        assert batches == [str(n) for n in range(1, 11)] * 2

    def test_several_models(self):
        study = assemble("zimmermann2023", model="efficientnet_lite0")
        other = [
            {**u.model_dump(exclude_none=True), "model": "random:efficientnet_lite0"}
            for u in study.units
        ]
        own = [u.model_dump(exclude_none=True) for u in study.units]
        both = study.replace(
            models=["efficientnet_lite0", "random:efficientnet_lite0"], units=own + other
        )
        cells = Counter()
        for number in range(1, 9):
            plan = plan_session(both, f"P{number}")
            models = {t.unit.model for t in plan.trials}
            assert len(models) == 1
            cells[models.pop(), plan.trials[0].condition] += 1
        assert set(cells.values()) == {2}

    def test_practice_until_perfect(self):
        practice = plan_session(self.study, "P1").blocks[0]
        assert practice.repeat_until_perfect
        attempts = [practice.trials_of(number) for number in range(1, 9)]
        units = {entry.unit for entry in self.study.units_of("practice")}
        assert len(units) == 5
        assert all({trial.unit for trial in attempt} == units for attempt in attempts)
        assert len({tuple(trial.unit for trial in attempt) for attempt in attempts}) > 1
        assert practice.timings.buttons_active_ms == 1500
        assert practice.timings.continue_button

    def test_impossible_balance_is_told(self):
        assert study_notes(assemble("zimmermann2023", model="efficientnet_lite0", n_units=50))
        few = assemble("zimmermann2023", model="efficientnet_lite0", n_units=39)
        assert any("asks for 40 main units" in problem for problem in study_problems(few))


@pytest.mark.parametrize(
    ("units", "each", "people"), [(84, 40, 63), (10, 3, 10), (7, 7, 5), (12, 5, 7), (3, 1, 1)]
)
def test_balanced_subsets(units: int, each: int, people: int):
    shares = balanced_subsets(units, each, people, 3)
    counts = Counter(unit for share in shares for unit in share)
    assert all(len(set(share)) == each for share in shares)
    assert max(counts.values()) - min(counts[u] for u in range(units)) <= 1
    assert shares == balanced_subsets(units, each, people, 3)


@pytest.mark.parametrize("sizes", [(7, 7, 7, 6, 6, 6, 6, 6, 6, 6), (21, 21, 21), (1,) * 63])
def test_units_are_balanced_within_groups_too(sizes: tuple[int, ...]):
    groups = tuple(group for group, size in enumerate(sizes) for _ in range(size))
    groups = tuple(groups[(5 * place) % 63] for place in range(63)) if sizes[0] > 1 else groups
    counts = Counter()
    for group, share in zip(groups, balanced_subsets(84, 40, 63, 3, groups), strict=True):
        assert len(set(share)) == 40
        counts.update((group, unit) for unit in share)
    for group in set(groups):
        found = [counts[group, unit] for unit in range(84)]
        assert max(found) - min(found) <= 1
    assert all(sum(counts[group, unit] for group in set(groups)) == 30 for unit in range(84))


@pytest.mark.parametrize("groups", [(), tuple(place % 10 for place in range(63))])
def test_which_units_come_together_is_mixed(groups: tuple[int, ...]):
    pairs = Counter()
    for share in balanced_subsets(84, 40, 63, 1, groups):
        pairs.update((a, b) for a in share for b in share if a < b)
    assert len(pairs) == 84 * 83 // 2
    assert max(pairs.values()) < 30


def test_published_units_exist():
    layers = {layer.name: layer for layer in layers_of("inceptionv1")}
    for unit_set in published_sets("inceptionv1").values():
        for row in unit_set.rows("inceptionv1", "main", ""):
            layer = layers[str(row["layer"])]
            assert int(str(row["channel"])) < layer.channels
            assert layer.branch_of(int(str(row["channel"]))) == row["branch"]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("borowski2021-1/main", ["layer_folder_mapping_sampled_trials.csv"]),
        ("borowski2021/intuitiveness", ["layer_folder_mapping_warm_up_trials.csv"]),
        ("borowski2021-2/A", ["exp2_batch_block_a.csv"]),
        ("borowski2021-2/B", ["exp2_batch_block_b.csv"]),
        ("borowski2021-2/C", ["exp2_batch_block_c.csv"]),
        ("borowski2021-2/D", ["exp2_batch_block_d.csv"]),
        ("borowski2021-2/catch", ["exp2_batch_block_e.csv"]),
        ("borowski2021-2/practice", ["exp2_batch_block_f.csv", "exp2_batch_block_g.csv"]),
    ],
)
def test_units_are_the_released_ones(published_units: Path, name: str, files: list[str]):
    released = set()
    for file in files:
        with (published_units / file).open(encoding="utf-8") as handle:
            next(handle)
            for row in csv.DictReader(handle):
                released.add((row["layer_name"], int(row["feature_map_number"])))
    rows = published_sets("inceptionv1")[name].rows("inceptionv1", "main", "")
    assert {(row["layer"], row["channel"]) for row in rows} == released
