"""From the definition in a journey’s file to a `JourneyRule`, or to all that is wrong with it. Pure: no Django."""

from collections.abc import Collection, Mapping
from typing import Any

from sessions.rules.definitions import FormatError, Path, Reader
from sessions.rules.format import FormatRule, suits
from sessions.rules.journey import FEWEST_QUESTIONS, MOST_QUESTIONS, MOST_SESSIONS, SIZES, JourneyRule, JourneyStep

JOURNEY_SCHEMA = 1
MOST_FORMATS = 6
ABOUT = ("name", "summary", "for_whom", "not_for")
STEP_TEXTS = ("theme", "question", "exercise", "promise")
JOURNEY_LENGTHS = {
    "name": 60, "summary": 300, "for_whom": 300, "not_for": 300, "theme": 60, "question": 240, "exercise": 400,
    "promise": 240, "sheet": 240,
}  # fmt: skip


def read_journey(
    definition: Mapping[str, Any], *, formats: Mapping[str, FormatRule] | None = None, cards: Collection[str] = ()
) -> JourneyRule:
    """The journey a definition describes. FormatError lists every problem.

    With `formats`, those that can be taken now by their keys, it is also asked whether all that is named is there and
    whether each session has one for every size; without, as for a version that was kept, it is read as it is.
    """
    reader = _JourneyReader(formats, cards)
    read = reader.journey(definition)
    if reader.problems or read is None:
        raise FormatError(reader.problems)
    return read


class _JourneyReader(Reader):
    """Reads as far as it can and keeps what it stumbled over."""

    def __init__(self, formats: Mapping[str, FormatRule] | None, cards: Collection[str]) -> None:
        super().__init__(JOURNEY_LENGTHS)
        self.formats = formats
        self.cards = cards

    def journey(self, given: Any) -> JourneyRule | None:
        fields = self.mapping(given, (), ("schema", "key", "people", "source", "texts", "sessions"))
        if fields is None:
            return None
        if fields.get("schema") != JOURNEY_SCHEMA:
            self.wrong(("schema",), "schema", schema=JOURNEY_SCHEMA)
        least, most = self.range(fields.get("people"), ("people",), SIZES[0], SIZES[-1])
        sessions = self.list(fields.get("sessions"), ("sessions",))
        if not sessions and fields.get("sessions") is not None:
            self.wrong(("sessions",), "no_sessions")
        if len(sessions) > MOST_SESSIONS:
            self.wrong(("sessions", MOST_SESSIONS), "many_sessions", most=MOST_SESSIONS, count=len(sessions))
        sizes = range(least, most + 1)
        steps = [self.step(one, ("sessions", at), sizes) for at, one in enumerate(sessions[:MOST_SESSIONS])]
        return JourneyRule(
            key=self.key(fields.get("key"), ("key",)),
            least=least,
            most=most,
            steps=tuple(step for step in steps if step),
            source=self.source(fields.get("source", {})),
            texts=self.texts(fields.get("texts"), ("texts",), ABOUT, ("name",)),
        )

    def step(self, given: Any, path: Path, sizes: range) -> JourneyStep | None:
        fields = self.mapping(given, path, ("formats", "card", "sheet", "texts"))
        if fields is None:
            return None
        return JourneyStep(
            formats=self.formats_named(fields.get("formats"), (*path, "formats"), sizes),
            card=self.card(fields.get("card", ""), (*path, "card")),
            sheet=self.sheet(fields["sheet"], (*path, "sheet")) if "sheet" in fields else (),
            texts=self.texts(fields.get("texts"), (*path, "texts"), STEP_TEXTS, ("theme", "question")),
        )

    def formats_named(self, given: Any, path: Path, sizes: range) -> tuple[str, ...]:
        named = self.list(given, path)
        if given is not None and not 1 <= len(named) <= MOST_FORMATS:
            self.wrong(path, "formats_count", most=MOST_FORMATS)
        before = len(self.problems)
        for at, one in enumerate(named):
            if not isinstance(one, str) or len(one) > 40:
                self.wrong((*path, at), "word")
            elif self.formats is not None and one not in self.formats:
                self.wrong((*path, at), "format_unknown", name=one)
        if len(self.problems) > before or self.formats is None or not named:
            return tuple(str(one) for one in named)
        lacking = [n for n in sizes if not any(suits(self.formats[one], n) for one in named)]
        if lacking:
            self.wrong(path, "size_without_format", people=", ".join(map(str, lacking)))
        return tuple(named)

    def card(self, given: Any, path: Path) -> str:
        word = self.word(given, path)
        if word and self.formats is not None and word not in self.cards:
            self.wrong(path, "choice", known=", ".join(self.cards))
        return word

    def sheet(self, given: Any, path: Path) -> tuple[Mapping[str, str], ...]:
        asked = self.list(given, path)
        if not FEWEST_QUESTIONS <= len(asked) <= MOST_QUESTIONS:
            self.wrong(path, "questions_count", least=FEWEST_QUESTIONS, most=MOST_QUESTIONS)
        return tuple(self.question(one, (*path, at)) for at, one in enumerate(asked[:MOST_QUESTIONS]))

    def question(self, given: Any, path: Path) -> Mapping[str, str]:
        """One question, by language."""
        said = self.mapping(given, path, list(given) if isinstance(given, Mapping) else ())
        for language, text in (said or {}).items():
            self.one_text(text, (*path, str(language)), "sheet")
        if said is not None and not any(said.values()):
            self.wrong(path, "missing")
        return {str(language): str(text) for language, text in (said or {}).items()}
