"""Planning and re-planning for eight people, against writing the same plan out. `python -m bench.planning`

The floor is what any planner must do: make as many segment objects as the plan has, and add up their seconds.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from bench.report import write
from sessions.formats.files import read_file
from sessions.rules.reading import read_format
from sessions.rules.replan import replan
from sessions.rules.speaking_order import next_order
from sessions.rules.timeline import Segment, choices, plan

FORMATS = Path(__file__).resolve().parents[1] / "sessions" / "formats"
ROUNDS = 400
PEOPLE = list(range(1, 9))


def ms(work: Callable[[], object]) -> float:
    """Median milliseconds of one call."""
    times = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    # The largest plan for eight: four presenters, an optional stage, rounds.
    frame = yaml.safe_load((FORMATS / "common_stages.yaml").read_text())
    rule = read_format(read_file((FORMATS / "shipped" / "11-action_learning.yaml").read_text(), frame))
    presenters = PEOPLE[: rule.most_presenters]
    made = plan(rule, PEOPLE, presenters)
    room = made.seconds - 40 * 60

    def floor() -> int:
        return sum(s.seconds for s in [Segment(s.stage, s.presenter, s.speaker, s.seconds) for s in made.segments])

    base = ms(floor)
    history = [PEOPLE[at % 8 :] + PEOPLE[: at % 8] for at in range(60)]
    measured = {
        "plan": ms(lambda: plan(rule, PEOPLE, presenters)),
        "plan, shortened to fit": ms(lambda: plan(rule, PEOPLE, presenters, room=room, fit=True)),
        "plan, two with agreed minutes": ms(lambda: plan(rule, PEOPLE, presenters, turns={1: 2000, 2: 2400})),
        "all choices when 40 minutes are missing": ms(lambda: choices(rule, PEOPLE, presenters, room=room)),
        "re-plan what remains to end on time": ms(lambda: replan(rule, made.segments[9:], room=90 * 60)),
        "re-plan after somebody came": ms(lambda: replan(rule, made.segments[3:], came=[9])),
        "re-plan after somebody left": ms(lambda: replan(rule, made.segments[3:], left=[2])),
    }
    rows = [
        ("segments of the plan", str(len(made.segments))),
        ("floor: make the segments, add them up", f"{base:.3f} ms"),
    ]
    rows += [(what, f"{figure:.2f} ms, {figure / base:.0f}× the floor") for what, figure in measured.items()]
    rows.append(("speaking order of eight after 60 sessions, first time", f"{ms_order(history):.0f} ms"))
    write("Planning for eight people (goal: under 2 ms)", "python -m bench.planning", rows)


def ms_order(history: list[list[int]]) -> float:
    """One order with nothing remembered: a different history each time."""
    times = []
    for at in range(12):
        begun = time.perf_counter()
        next_order(PEOPLE, history[at:])
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
