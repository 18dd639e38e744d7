"""What one participant goes through: trials, pages and questions, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imi_desktop.models.unit import Unit

Task = Literal["forward_prediction", "counterfactual", "intuitiveness"]
Phase = Literal["instruction", "practice", "main", "repeated"]
Condition = Literal["synthetic", "natural", "mixed", "blurred", "none"]
Position = Literal["upper", "lower", "left", "right"]
PageKind = Literal["consent", "welcome", "instructions", "block_intro", "break", "thanks"]


@dataclass(frozen=True)
class Timings:
    """When what happens within a trial, in ms (PROTOCOLS of the papers' released code).

    Parameters
    ----------
    buttons_active_ms : int
        From onset until answers are taken; 0 at once.
    feedback_delay_ms : int
        From the answer to the frame around the right query.
    feedback_ms : int
        How long feedback stays before the trial can end.
    blank_ms : int
        Empty screen before the next trial.
    continue_button : bool
        Whether a centred Continue button (which re-centres the cursor) ends the trial.
    """

    buttons_active_ms: int = 0
    feedback_delay_ms: int = 500
    feedback_ms: int = 1500
    blank_ms: int = 100
    continue_button: bool = False


@dataclass(frozen=True)
class Trial:
    """One question to the participant.

    Image paths are relative to the study folder, with ``/``.

    Parameters
    ----------
    number : int
        1, 2, … over the whole session as planned.
    block : int
        1, 2, … over the whole session.
    scheme : str
        ``min_max_9``, ``max_9``, ``min_max_1``, ``max_1`` or ``none``.
    image_set : str
        Batch or image set that the images come from.
    references_min, references_max : tuple of str
        Shown left and right, row by row; empty where the scheme shows none. Counterfactual trials
        have only `references_max`; intuitiveness trials have the optimised images in
        `references_min` and the natural ones that they explain in `references_max`.
    queries : dict of Position to str
        Image by position on the screen. Counterfactual trials also have the query without
        occlusion as ``upper``; intuitiveness trials have none.
    target_position : Position or None
        Where the query is that is right; None in intuitiveness trials, which have no right answer.
    feedback : bool
        Whether the participant is told what was right.
    """

    number: int
    task: Task
    phase: Phase
    block: int
    condition: Condition
    scheme: str
    unit: Unit
    unit_selection: str
    catch: bool
    image_set: str
    references_min: tuple[str, ...]
    references_max: tuple[str, ...]
    queries: dict[Position, str]
    target_position: Position | None
    feedback: bool
    difficulty: str | None = None
    branch: str | None = None

    @property
    def images(self) -> tuple[str, ...]:
        """Every image file that the trial shows."""
        return (*self.references_min, *self.references_max, *self.queries.values())


@dataclass(frozen=True)
class TrialWording:
    """Texts on the trial screen, in the study's language and for its audience.

    `question` marks its emphasised part with ``**``. In counterfactual trials `title_min` stands
    above the query without occlusion. In intuitiveness trials `legend` holds the three labels of
    the scale, parted by `` | ``.
    """

    question: str
    title_min: str
    title_max: str
    legend: str
    right_in_block: str
    continue_button: str


@dataclass(frozen=True)
class TrialStep:
    """A trial in its place.

    Parameters
    ----------
    attempt : int
        1 for the first time this block is run, 2 when practice is repeated.
    block_position, block_length : int
        1-based place within the block, and its length; the progress bar shows
        ``(block_position - 1) / block_length``.
    """

    trial: Trial
    attempt: int
    block_position: int
    block_length: int
    timings: Timings
    wording: TrialWording


@dataclass(frozen=True)
class Example:
    """A trial that a page shows at a smaller size, its parts lettered A, B, C …

    Zimmermann et al. 2021 (A.3): the instructions extensively explain an example trial.

    Parameters
    ----------
    answered : bool
        Whether the right answer is shown too, as feedback shows it.
    """

    trial: Trial
    wording: TrialWording
    answered: bool = False


@dataclass(frozen=True)
class PageImage:
    """An image that a page shows, its file relative to the study folder."""

    file: str
    caption: str = ""


@dataclass(frozen=True)
class PageStep:
    """A page of text with one button.

    Parameters
    ----------
    name : str
        Unique within the session, e.g. ``instructions`` or ``block_intro_3``.
    paragraphs : tuple of str
        ``**`` marks emphasis.
    decline : str or None
        Label of a second button that declines (consent only).
    minimum_ms : int
        Earliest time at which the button works.
    example : Example or None
        A trial shown below the title.
    images : tuple of PageImage
        Images shown in a row below the title.
    """

    name: str
    kind: PageKind
    title: str
    paragraphs: tuple[str, ...]
    button: str
    decline: str | None = None
    minimum_ms: int = 0
    example: Example | None = None
    images: tuple[PageImage, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every image file that the page shows."""
        example = self.example.trial.images if self.example else ()
        return (*example, *(image.file for image in self.images))


@dataclass(frozen=True)
class QuestionStep:
    """A question that is answered in free text."""

    name: str
    question: str
    button: str
    required: bool = False


Step = TrialStep | PageStep | QuestionStep


@dataclass(frozen=True)
class RepeatRule:
    """Trials of a block that are chosen from the answers given before it.

    Parameters
    ----------
    condition : str
        Condition whose main trials come back.
    most_confident, least_confident : int
        How many of those answered with the highest and with the lowest confidence.
    first_number : int
        Trial number of the first of them.
    seed : int
        Decides ties and the order.
    """

    condition: Condition
    most_confident: int
    least_confident: int
    first_number: int
    seed: int
    feedback: bool = True


@dataclass(frozen=True)
class BlockPlan:
    """One block: pages before it, its trials, and what decides whether it is repeated.

    Parameters
    ----------
    later_attempts : tuple of tuple of Trial
        Trials of the second, third … attempt where each attempt draws its own; empty where every
        attempt shows `trials` again. After the last one they start over.
    repeats : RepeatRule or None
        Then `trials` is empty, and
        :func:`imi_desktop.experiment.repeated_trials.choose_repeated` gives them when the block
        starts.
    repeat_until_perfect : bool
        Practice blocks that are run again until every answer is right.
    max_attempts : int
        How often such a block is run at most; 0 without limit.
    """

    number: int
    name: str
    phase: Phase
    before: tuple[PageStep | QuestionStep, ...]
    trials: tuple[Trial, ...]
    timings: Timings
    wording: TrialWording
    repeat_until_perfect: bool = False
    max_attempts: int = 0
    later_attempts: tuple[tuple[Trial, ...], ...] = ()
    repeats: RepeatRule | None = None

    @property
    def length(self) -> int:
        """Number of trials of one attempt."""
        rule = self.repeats
        return rule.most_confident + rule.least_confident if rule else len(self.trials)

    def trials_of(self, attempt: int) -> tuple[Trial, ...]:
        """Trials of one attempt, counted from 1."""
        if attempt == 1 or not self.later_attempts:
            return self.trials
        return (self.trials, *self.later_attempts)[(attempt - 1) % (len(self.later_attempts) + 1)]


@dataclass(frozen=True)
class SessionPlan:
    """Everything a participant will go through, decided before the session starts.

    Parameters
    ----------
    participant : str
        Participant id.
    seed : int
        Seed of this participant's trial list, derived from the study's seed.
    opening, closing : tuple of PageStep or QuestionStep
        Before the first and after the last block.
    counterbalancing : dict
        What was assigned to this participant, e.g. ``{"order": "natural_first", "batch": 3}``.
    """

    participant: str
    seed: int
    opening: tuple[PageStep | QuestionStep, ...]
    blocks: tuple[BlockPlan, ...]
    closing: tuple[PageStep | QuestionStep, ...]
    counterbalancing: dict[str, str | int] = field(default_factory=dict)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials planned beforehand, in order; first attempts only."""
        return tuple(trial for block in self.blocks for trial in block.trials)

    @property
    def images(self) -> tuple[str, ...]:
        """Every image file that trials and pages show, each once."""
        pages = [*self.opening, *(page for block in self.blocks for page in block.before)]
        pages += self.closing
        files = [file for trial in self.trials for file in trial.images]
        files += [file for page in pages if isinstance(page, PageStep) for file in page.files]
        return tuple(dict.fromkeys(files))

    @property
    def n_trials(self) -> int:
        """Number of trials, those that are chosen at run time included; first attempts only."""
        return sum(block.length for block in self.blocks)
