"""Which formats somebody looks for: by what they are for, by length, by words."""

from sessions.rules.format import FormatRule


def purpose_of(rule: FormatRule) -> str:
    """What a session with it is for: `several` bring something, `one` matter in depth, or nobody brings anything."""
    if rule.most_presenters == 0:
        return "none"
    return "one" if rule.most_presenters == 1 else "several"


def fits(rule: FormatRule, minutes: int, *, at_most: int | None, purpose: str, words: str, language: str) -> bool:
    """Whether a format of so many minutes is among those asked for; what was not asked about does not count.

    Every word must stand somewhere in its name, its summary or what it is for, whatever the case of the letters.
    """
    said = " ".join(rule.text(name, language) for name in ("name", "summary", "when")).casefold()
    return (
        (at_most is None or minutes <= at_most)
        and purpose in ("", purpose_of(rule))
        and all(word in said for word in words.casefold().split())
    )
