"""What a session format is: an opening, blocks of stages, a closing. Pure: no Django, no clock.

A block is gone through once, or once for each presenter, or once for each person in a rotation of coach, coachee and
observer. All lengths are whole seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

STAGE_KINDS = ("fixed", "each", "shared", "open")
# Those in which people speak one after another.
IN_TURN = ("each", "shared")
FLOORS = ("host", "presenter", "coach", "observer", "pair", "others", "all", "each", "nobody", "break")
PLACES = ("in", "listening", "away", "out")
REPEATS = ("once", "presenter", "rotation")
PARTS = ("", "opening", "check_in", "check_out", "closing", "thank_you")
FRAME = ("opening", "closing", "thank_you")
TINTS = ("round", "bring", "ask", "give", "still", "rest")
BEFORE = ("issue", "page", "choice", "nothing")
ROLES = ("host", "timekeeper", "scribe", "moderator", "clerk", "leader", "coach", "observer")
NEVER_SHRINK = ("opening", "check_out", "closing", "thank_you")

Texts = Mapping[str, Mapping[str, str]]


def said(texts: Texts, name: str, language: str) -> str:
    """A text in a language, else in English, else in whichever it is written in; empty where it is in none."""
    known = texts.get(name, {})
    return known.get(language.split("-")[0]) or known.get("en") or next(filter(None, known.values()), "")


@dataclass(frozen=True)
class Stage:
    """One stage: how long, how short it may get, who has the floor.

    `seconds` are those of the stage; of each speaker where `kind` is each; of all speakers together where it is shared.
    """

    key: str
    kind: str
    seconds: int
    least: int
    floor: str
    most: int = 0
    presenter: str = "in"
    optional: bool = False
    part: str = ""
    tint: str = "round"
    icon: str = "circle"
    principle: str = ""
    card: str = ""
    texts: Texts = field(default_factory=dict)

    @property
    def goes_round(self) -> bool:
        """People speak one after another."""
        return self.kind in IN_TURN

    def text(self, name: str, language: str = "en", *, first: bool = False) -> str:
        """`name`, `rule` or `prompt`; in the `first` session of a circle what the stage says instead, if it does.

        Nobody has promised anything before a first session, so a round about promises needs other words there.
        """
        return (said(self.texts, f"first_{name}", language) if first else "") or said(self.texts, name, language)


@dataclass(frozen=True)
class Block:
    """Stages gone through once, or once a presenter. `split` is the block's whole length, divided by its presenters;
    `turn_most` caps what one of them gets. `between` stands between two turns.
    """

    key: str
    repeat: str
    stages: tuple[Stage, ...]
    split: int = 0
    turn_most: int = 0
    between: Stage | None = None
    texts: Texts = field(default_factory=dict)

    @property
    def repeats(self) -> bool:
        """Whether it is gone through more than once, for each presenter or each round."""
        return self.repeat != "once"

    def text(self, name: str, language: str = "en") -> str:
        """What it says under `name`, in the language or the nearest there is."""
        return said(self.texts, name, language)


@dataclass(frozen=True)
class FormatRule:
    """A session format: whom it suits, what it needs, and its stages in order."""

    key: str
    least: int
    most: int
    least_presenters: int
    most_presenters: int
    roles: tuple[str, ...]
    before: str
    leader: bool
    opening: Stage
    blocks: tuple[Block, ...]
    closing: Stage
    source: Mapping[str, str]
    texts: Texts
    # Definitions kept from before there was a thank-you round have none.
    thank_you: Stage | None = None

    def text(self, name: str, language: str = "en") -> str:
        """`name`, `summary`, `when`, `when_not`, `before` or `leader`."""
        return said(self.texts, name, language)

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """Every stage by key, in order."""
        inner = [
            stage for block in self.blocks for stage in (*block.stages, *([block.between] if block.between else []))
        ]
        return {stage.key: stage for stage in (self.opening, *inner, *self.ending)}

    def stage(self, key: str) -> Stage:
        """KeyError for a key that no stage has."""
        return self.stages[key]

    @property
    def ending(self) -> tuple[Stage, ...]:
        """How every session ends: the look at the agreement, then a word of thanks."""
        return (self.closing, self.thank_you) if self.thank_you else (self.closing,)

    @cached_property
    def all_blocks(self) -> tuple[Block, ...]:
        """The blocks with opening and ending around them."""
        return (Block("opening", "once", (self.opening,)), *self.blocks, Block("closing", "once", self.ending))

    @cached_property
    def turn_block(self) -> Block | None:
        """The block whose minutes can be negotiated: the longest that repeats."""
        repeating = [block for block in self.blocks if block.repeats]
        return max(
            repeating, key=lambda block: block.split or sum(stage.seconds for stage in block.stages), default=None
        )

    @cached_property
    def tiers(self) -> dict[str, int | None]:
        """When each stage shrinks: 0 counsel, 1 the rest of a turn, 2 rounds, None never."""
        order: dict[str, int | None] = {}
        for block in self.all_blocks:
            for stage in block.stages:
                turn = 0 if stage.tint == "give" else 1
                order[stage.key] = None if stage.part in NEVER_SHRINK else turn if block.repeats else 2
            if block.between:
                order[block.between.key] = 2
        return order

    @property
    def has_presenters(self) -> bool:
        """Whether a part is gone through more than once, which is where turns of presenters are."""
        return self.turn_block is not None

    @property
    def is_for_any_session(self) -> bool:
        """Whether a circle can turn to it by itself: somebody presents, and nobody has to be trained to lead it."""
        return self.most_presenters > 0 and not self.leader

    @property
    def rotates(self) -> bool:
        """Everybody is coached in turn, in equal time."""
        return any(block.repeat == "rotation" for block in self.blocks)


def suits(format_: FormatRule, people: int) -> bool:
    """Whether the format is meant for so many people, both ends included."""
    return format_.least <= people <= format_.most
