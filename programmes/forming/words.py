"""What the engine remarks about its input, in sentences for whoever runs a command."""

from programmes.forming.model import Problem, Remark

FIXED = {
    "size": "has not the size that circles must have",
    "times": "has no start of the week that all share",
    "choice": "has only one start of the week that all share",
    "manager": "holds somebody and their manager",
    "levels": "holds levels too far apart",
    "language": "has no language that all speak",
    "alone": "holds somebody who is the only one of their kind",
    "functions": "holds two people of one function",
    "places": "mixes places as it must not",
    "wishes": "holds somebody with none of those they asked for",
    "met": "holds two people who met before",
}
SHOWN = 5


def sentence(remark: Remark, problem: Problem) -> str:
    """One remark in one sentence."""
    rules, count = problem.rules, len(remark.people)
    if remark.what == "few":
        who = "There is one person" if count == 1 else f"There are {count} people"
        return f"{who}, and a circle needs {rules.least}: everybody waits."
    if remark.what == "unsaid":
        who = "One person named no times and is" if count == 1 else f"{count} people named no times and are"
        return f"{who} taken as free at any: {_named(remark.people)}."
    if remark.what == "never":
        who = "One person has" if count == 1 else f"{count} people have"
        return f"{who} no time at all and can only wait: {_named(remark.people)}."
    if remark.what == "circles":
        return f"More circles are to stay than the {rules.circles} there may be: no other is made."
    return f"The circle {_named(remark.people)} stays as it is, and {FIXED[remark.what.removeprefix('fixed:')]}."


def _named(people: tuple[int, ...]) -> str:
    shown = ", ".join(str(one) for one in people[:SHOWN])
    return shown + (f" and {len(people) - SHOWN} more" if len(people) > SHOWN else "")
