"""The engine's results in words: choices and their cost, changes, problems of a definition, places and lengths."""

from collections.abc import Mapping, Sequence

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sessions.enums import Role
from sessions.formats.files import Wrong
from sessions.rules.definitions import FormatProblem
from sessions.rules.format import FormatRule, Stage
from sessions.rules.replan import LengthChange
from sessions.rules.timeline import FitChoice, PlanError


def minutes(seconds: int) -> str:
    """`16`, `2½`, `3:45`: minutes as people say them, exact to the second."""
    whole, rest = divmod(seconds, 60)
    if rest == 30:
        return f"{whole}½" if whole else "½"
    return f"{whole}:{rest:02}" if rest else str(whole)


def names_of(seats: Sequence[int], names: Mapping[int, str]) -> str:
    """`Ana, Ben and Cleo`."""
    said = [names.get(seat, str(seat)) for seat in seats]
    if len(said) < 2:
        return "".join(said)
    return _("%(first)s and %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]}


def choice(format_: FormatRule, choice: FitChoice, names: Mapping[int, str]) -> str:
    """One way to make a session fit, with what it costs."""
    length = choice.plan.minutes
    if choice.kind == "longer":
        return _("Stay longer: %(length)s minutes, %(over)s more than planned.") % {
            "length": length,
            "over": -(-choice.plan.over // 60),
        }
    left_out = ", ".join(stage_name(format_.stage(key)) for key in choice.without)
    if choice.kind == "without":
        return _("Leave out what is optional (%(stages)s): %(length)s minutes.") % {
            "stages": left_out,
            "length": length,
        }
    if choice.kind == "fewer" and not names:
        return _("%(count)s present today, %(waiting)s next time: %(length)s minutes.") % {
            "count": len(choice.plan.presenters), "waiting": len(choice.waiting), "length": length,
        }  # fmt: skip
    if choice.kind == "fewer":
        return ngettext(
            "One person presents today: %(who)s. %(waiting)s next time. %(length)s minutes.",
            "%(count)s present today: %(who)s. %(waiting)s next time. %(length)s minutes.",
            len(choice.plan.presenters),
        ) % {
            "count": len(choice.plan.presenters),
            "who": names_of(choice.plan.presenters, names),
            "waiting": names_of(choice.waiting, names),
            "length": length,
        }
    said = _("Everyone gets a turn, a shorter one (%(what)s): %(length)s minutes.") % {
        "what": _shortened(format_, choice),
        "length": length,
    }
    return said if not left_out else said + " " + _("Left out: %s.") % left_out


def _shortened(format_: FormatRule, choice: FitChoice) -> str:
    """`Counsel 7 instead of 10 min`, for each stage that shrank."""
    seen: dict[str, str] = {}
    for segment in choice.plan.segments:
        stage = format_.stage(segment.stage)
        if stage.kind in ("fixed", "each") and segment.seconds < stage.seconds and stage.key not in seen:
            seen[stage.key] = _("%(stage)s %(now)s instead of %(before)s min") % {
                "stage": stage_name(stage), "now": minutes(segment.seconds), "before": minutes(stage.seconds),
            }  # fmt: skip
    return "; ".join(seen.values()) or _("less for each")


def named(text: str, *, presenter: str = "", coach: str = "", observer: str = "") -> str:
    """A text with the people it speaks of; the nameless are called by what they do. It has a capital."""
    for place, name in (
        ("{presenter}", presenter or _("the presenter")),
        ("{coach}", coach or _("the coach")),
        ("{observer}", observer or _("the observer")),
    ):
        text = text.replace(place, name)
    return text[:1].upper() + text[1:]


def stage_name(stage: Stage) -> str:
    """A stage's name where nobody is named: `Counsel for the presenter`."""
    return named(stage.text("name", get_language() or "en"))


def language() -> str:
    """The reader's language as texts are keyed by it: `en`."""
    return (get_language() or "en").split("-")[0]


def change(format_: FormatRule, change: LengthChange) -> str:
    """`Counsel for the presenter: 8 instead of 10 min, twice`."""
    said = _("%(stage)s: %(now)s instead of %(before)s min") % {
        "stage": stage_name(format_.stage(change.stage)),
        "now": minutes(change.now),
        "before": minutes(change.before),
    }
    if change.count == 1:
        return said
    return said + ", " + (_("twice") if change.count == 2 else _("%s times") % change.count)


def place(key: str, presenter: str, *, you: bool) -> str:
    """Where the presenter is, when they do not simply sit in the circle."""
    if you:
        return {
            "listening": _("You listen, and need not answer."),
            "away": _("Turn away and listen. You stay silent."),
            "out": _("You are out of the circle. Take notes if you like."),
        }.get(key, "")
    said = {
        "listening": _("%s listens and does not answer."),
        "away": _("%s has turned away and stays silent."),
        "out": _("%s is out of the circle."),
    }.get(key, "")
    return said % presenter if said else ""


def place_plain(key: str) -> str:
    """The same where nobody is named."""
    return {
        "listening": _("The presenter listens and does not answer."),
        "away": _("The presenter turns away and stays silent."),
        "out": _("The presenter is out of the circle."),
    }.get(key, "")


def length(stage: Stage) -> str:
    """`3 min`, `1 min each`, `15 min shared`, `10–15 min`."""
    low, high = (stage.least if stage.most else stage.seconds), stage.most or stage.seconds
    span = minutes(low) if low == high else f"{minutes(low)}–{minutes(high)}"
    return {
        "each": _("%s min each"),
        "shared": _("%s min, shared"),
        "open": _("the rest, about %s min"),
    }.get(stage.kind, _("%s min")) % span


def roles(format_: FormatRule) -> list[str]:
    """The roles a format needs besides the host."""
    said = {role.value: str(role.label) for role in Role}
    said |= {"coach": _("a coach, in turn"), "observer": _("an observer, in turn")}
    return [said[role] for role in format_.roles if role != Role.HOST]


def floor(stage: Stage) -> str:
    """Who has the floor."""
    return floor_words()[stage.floor]


def floor_words() -> dict[str, str]:
    """Who has the floor, by key."""
    return {
        "presenter": _("The presenter only"),
        "others": _("Whoever wants to, except the presenter"),
        "each": _("One after another"),
        "all": _("Everyone, as it comes"),
        "host": _("The host"),
        "nobody": _("Nobody: quiet"),
        "break": _("Nobody: a break"),
        "pair": _("Coach and coachee"),
        "coach": _("The coach"),
        "observer": _("The observer"),
    }


def plan_error(error: PlanError, names: Mapping[int, str]) -> str:
    """Why a plan cannot be made."""
    facts = error.facts
    who = names.get(facts.get("seat", 0), "")
    low, given = minutes(facts.get("least", 0)), minutes(facts.get("seconds", 0))
    return {
        "nobody": _("Nobody is here yet."),
        "absent_presenter": _("Somebody who is not here cannot present."),
        "few_presenters": _("This format needs somebody who presents."),
        "many_presenters": _("At most %s can present in this format.") % facts.get("most", ""),
        "turn_of_nobody": _("%s does not present, so no minutes can be set for them.") % who,
        "turn_too_long": _("%(who)s would have %(given)s minutes; a turn can have at most %(most)s.")
        % {"who": who, "given": given, "most": minutes(facts.get("most", 0))},
        "turn_too_short": _("%(who)s would have %(given)s minutes; a turn needs at least %(low)s.")
        % {"who": who, "given": given, "low": low},
        "rest_too_short": _("That leaves %(given)s minutes for %(who)s; a turn needs at least %(low)s.")
        % {"who": who, "given": given, "low": low},
    }[error.kind]


def problem(problem: FormatProblem) -> str:
    """What is wrong in a definition, and what to do."""
    said = {
        "schema": _("Write “schema: %(schema)s”; this is the only version there is."),
        "missing": _("This is missing."),
        "not_a_mapping": _("Here names with values are expected, such as “minutes: 3”."),
        "not_a_list": _("Here a list is expected."),
        "unknown": _("“%(name)s” is not known here. Known are: %(allowed)s."),
        "range": _("Give whole numbers for least and most, from %(floor)s to %(ceiling)s, the smaller one first."),
        "not_minutes": _("Write the minutes as a number, such as 3 or 2.5."),
        "minutes": _("Choose more than 0 and at most %(most)s minutes, in whole seconds."),
        "choice": _("Choose one of: %(known)s."),
        "flag": _("Write true or false."),
        "key": _("Use letters, digits and underscores only, 40 at most."),
        "word": _("Use a single word of at most 40 letters."),
        "text": _("Here a text is expected."),
        "long_text": _("This text is too long; use at most %(most)s characters."),
        "no_stages": _("A format needs at least one stage."),
        "many_stages": _("These are %(count)s stages; a format can have %(most)s."),
        "key_twice": _("“%(key)s” is there twice; every key may be used once."),
        "two_rests": _("“%(first)s” and “%(second)s” both take the rest of the time; only one stage can."),
        "loop_of_nobody": _(
            "This part repeats for each presenter, and the format has none. Allow presenters, or do not repeat."
        ),
        "floor_needs_turn": _("Presenter, coach and observer exist only in a part that repeats for each presenter."),
        "floor_needs_rotation": _("Coach and observer exist only in a part in which the roles rotate."),
        "place_needs_turn": _("Outside a presenter’s turn there is no presenter who could sit apart."),
        "too_long": _("For %(people)s people this takes %(minutes)s minutes; a session can take %(most)s."),
        "few_presenters": _("More presenters are needed than the format allows people."),
        "many_presenters": _("The format allows more presenters than people."),
        "rest_too_short": _("Shared by the most presenters, a turn would be shorter than its stages can be."),
        "empty_block": _("This part has no stages."),
        "needs_repeat": _("This makes sense only in a part that repeats."),
        "turn_needs_split": _("A longest turn makes sense only where the time is split among the presenters."),
        "least_over": _("The shortest length is longer than the usual one."),
        "most_under": _("The longest length is shorter than the usual one."),
        "each_floor": _("Where people speak one after another, the floor is “each” (or “observer”)."),
        "floor_each": _("The floor “each” needs a kind in which people speak in turn."),
        "check_out_cut": _("The check-out is never cut: leave out its shortest length."),
        "large_file": _("The file is larger than %(most)s kB; it needs far less."),
        "syntax": _("From here on the file cannot be read: check colons, quotation marks and indents."),
        "deep": _("This is more, or nested more deeply, than such a file can be."),
        "not_plain": _("Only names with plain values and lists can stand here: no tags, anchors or references."),
        "no_sessions": _("A journey needs at least one session."),
        "many_sessions": _("These are %(count)s sessions; a journey can have %(most)s."),
        "formats_brought": _("It brings more than %(most)s formats of its own along."),
        "formats_count": _("Name from 1 to %(most)s formats here, the one you would rather have first."),
        "format_unknown": _("There is no format “%(name)s” here, neither in the library nor of this circle."),
        "size_without_format": _(
            "None of these formats is made for %(people)s people. Add one that is, or change whom the journey is for."
        ),
        "questions_count": _("A preparation sheet has from %(least)s to %(most)s questions; leave it out for none."),
        "unsigned": _("Nothing says which site wrote this file. Only files from a shelf can be brought here."),
        "altered": _("This is not what the site that wrote it has signed: something in the file was changed."),
        "shelf_schema": _("Write “shelf: %(schema)s”; this is the only version there is."),
        "characters": _("This text has a character that cannot be stored. Type it again."),
        "blank": _("Nothing of this text can be seen. Write something, or leave it out."),
    }  # fmt: skip
    return said[problem.kind] % dict(problem.facts)


def where(problem: FormatProblem) -> str:
    """`blocks › 2 › stages › 1 › minutes`: places are counted from one."""
    return " › ".join(str(part + 1) if isinstance(part, int) else part for part in problem.path)


def wrong(wrong: Wrong) -> str:
    """One line for one problem of a file."""
    at = where(wrong.problem)
    said = f"{at}: {problem(wrong.problem)}" if at else problem(wrong.problem)
    return _("Line %(line)s: %(said)s") % {"line": wrong.line, "said": said} if wrong.line else said
