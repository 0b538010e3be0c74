"""How good and how fast circles are formed and meetings planned: `python -m bench.forming [circles] [meetings]`.

Answers are counted anew by `counted`, which shares no line with the engine. The command is run as anybody would run it;
seconds are told by the clock and of the processor, since other work on the machine makes the first longer.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.report import write
from programmes.forming.meeting.planning import MeetingPlan, everybody, season

ROOT = Path(__file__).resolve().parents[1]
INSTANCES = Path(__file__).with_name("instances")
WEIGHTS = {"unplaced": 1000, "dept": 10, "loc": 0, "repeat": 40, "want": 5, "single": 30, "fewslots": 8}
# Groups and size: the most rounds known in which nobody meets twice.
GOLF = {
    (3, 3): 4, (4, 3): 4, (4, 4): 5, (5, 3): 7, (5, 4): 5, (5, 5): 6, (6, 3): 8, (6, 4): 7, (6, 5): 6, (6, 6): 3,
    (7, 3): 10, (7, 4): 9, (7, 5): 7, (7, 6): 7, (7, 7): 8, (8, 3): 11, (8, 4): 10, (8, 5): 8, (8, 6): 8, (8, 7): 8,
    (8, 8): 9, (9, 3): 13, (9, 4): 11, (9, 5): 9, (9, 6): 9, (9, 7): 9, (9, 8): 9, (10, 3): 14, (10, 4): 13,
    (10, 5): 9, (10, 6): 7, (10, 7): 7, (10, 8): 5,
}  # fmt: skip
# Size: the fewest rounds known until 9, 10, … 30 people have all met; those with a star are not proved to be fewest.
ALL_MET = {
    3: "4 6 6 6 7 7 7 9 9 9 10 10 10 12 12 12 13 13 13 15 15 15",
    4: "4 4 5 5 5 5 5 5 7 7 7 7 8 8 8 8 9 9 9 9 11 11",
    5: "3 4 4 4 4 5 5 5 5 6 6 6 6 6 6 6 6 8* 9* 9* 9* 9*",
    6: "3 3 3 3 4 4 4 4 4 4 5 5 5 5 6 6 6 6 7* 7 7 7",
    7: "3 3 3 3 3 4 4 4 4 4 4 5 5 5 5 5 5 6 6 6 6 6",
    8: "3 3 3 3 3 3 3 3 4 4 4 4 4 4 5 5 5 5 5 5 5 5",
}


def counted(instance: dict[str, Any], circles: list[list[int]]) -> tuple[int, list[str]]:
    """What circles cost under an instance, and every hard rule that they break."""
    people = {one["id"]: one for one in instance["people"]}
    weight = instance["weights"]
    before = {frozenset(pair[:2]) for pair in instance["past"]}
    seated = [who for circle in circles for who in circle]
    broken = [] if len(set(seated)) == len(seated) else ["somebody is in two circles"]
    broken += [] if len(circles) <= instance["k"] else ["too many circles"]
    cost = weight["unplaced"] * (len(people) - len(set(seated)))
    for circle in circles:
        here = [people[who] for who in circle]
        shared = [slot for slot in here[0]["slots"] if all(slot in one["slots"] for one in here)]
        if not instance["size"][0] <= len(here) <= instance["size"][1] or not shared:
            broken.append(f"size or time of {circle}")
        if any(abs(one["level"] - other["level"]) > 1 for one in here for other in here):
            broken.append(f"levels of {circle}")
        cost += weight["fewslots"] * (len(set(shared)) == 1)
        cost += weight["single"] * ([one["flag"] for one in here].count(1) == 1)
        cost += weight["want"] * sum(
            bool(one["want"]) and not any(who in circle for who in one["want"]) for one in here
        )
        for one, other in combinations(here, 2):
            if one["manager"] == other["id"] or other["manager"] == one["id"]:
                broken.append(f"manager in {circle}")
            if other["id"] in one["avoid"] or one["id"] in other["avoid"]:
                broken.append(f"apart in {circle}")
            cost += weight["dept"] * (one["dept"] == other["dept"]) + weight["loc"] * (one["loc"] == other["loc"])
            cost += weight["repeat"] * (frozenset((one["id"], other["id"])) in before)
    return cost, broken


def made(people: int, seed: int, planted: bool) -> dict[str, Any]:
    """An instance at random. A planted one has an answer that costs nothing: circles are made first, and people to fit.

    Weeks have 40 starts; levels go from 1 to 5; an eighth have a manager, as many would rather not be with somebody.
    """
    chance = random.Random(seed)
    order = list(range(people))
    chance.shuffle(order)
    circles = [order[at : at + 5] for at in range(0, people, 5)]
    rows: dict[int, dict[str, Any]] = {}
    for circle in circles:
        depts, slots, level = chance.sample(range(8), 5), chance.sample(range(40), 2), chance.randint(1, 4)
        flags = chance.choice([[0] * 5, [0] * 5, [1, 1, 0, 0, 0]])
        for who, dept, flag in zip(circle, depts, flags, strict=False):
            mine = {*chance.sample(range(40), 3 if planted else 6), *(slots if planted else [])}
            strangers = [one for one in chance.sample(range(people), 8) if one not in circle]
            mates = [one for one in circle if one != who]
            rows[who] = {
                "id": who,
                "dept": dept,
                "loc": chance.randrange(6),
                "level": level + chance.randint(0, 1),
                "flag": flag,
                "manager": strangers[0] if chance.random() < 0.4 else None,
                "slots": sorted(mine),
                "want": [chance.choice(mates)] if mates and chance.random() < 0.3 else [],
                "avoid": strangers[1:2] if chance.random() < 0.15 else [],
            }
    home = {who: at for at, circle in enumerate(circles) for who in circle}
    pairs = {tuple(sorted(chance.sample(range(people), 2))) for _one in range(4 * people)}
    past = sorted(list(pair) for pair in pairs if home[pair[0]] != home[pair[1]])
    known = {"best_known": 0} if planted else {}
    listed = [rows[who] for who in range(people)]
    return {"n": people, "size": [4, 6], "k": people // 5, "people": listed, "past": past, "weights": WEIGHTS} | known


def asked(*command: str) -> tuple[dict[str, Any], float, float, float]:
    """What a command prints as JSON; seconds by the clock, seconds of the processor, and the most memory in MB."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([sys.executable, "manage.py", *command, "--json"], cwd=ROOT, stdout=out)
        _pid, status, used = os.wait4(child.pid, 0)
        seconds = time.monotonic() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        told = json.loads(out.read())
    return told, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def formed(name: str, instance: dict[str, Any], limit: int, goal: str) -> tuple[str, str]:
    """One row: what an instance came to within so many seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(instance, file)
        file.flush()
        told, clock, work, memory = asked("form_circles", file.name, f"--seconds={limit}")
    cost, broken = counted(instance, told["circles"])
    assert cost == told["cost"], (name, cost, told["cost"])
    proof = "proved" if told["proved"] else f"nothing less than {told['bound']}"
    waiting = len(told["waiting"])
    figure = f"{cost} ({proof}), {waiting} waiting, {len(broken)} hard rules broken, "
    figure += f"{clock:.1f} s, {work:.1f} s of the processor, {memory:.0f} MB"
    return f"{name}, at most {limit} s (goal: {goal})", figure


def stored(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((INSTANCES / f"{name}.json").read_text())
    return told


def circles() -> None:
    """Instances that are kept, and larger ones from seeds."""
    rows = [
        formed("forming_24", stored("forming_24"), 30, "2507 proved"),
        formed("forming_48", stored("forming_48"), 30, "1456 proved"),
        formed("forming_120_planted", stored("forming_120_planted"), 60, "0"),
        formed("120 people, planted, seed 1", made(120, 1, True), 60, "0"),
        formed("forming_500_planted", stored("forming_500_planted"), 120, "at most 500, nobody waiting"),
        formed("500 people, planted, seed 2", made(500, 2, True), 120, "at most 500, nobody waiting"),
        formed("2,000 people, seed 3", made(2000, 3, False), 120, "no hard rule broken, less than 1,000 MB"),
    ]
    load = os.getloadavg()[1]
    rows.append(("other work on the machine meanwhile (load of five minutes, this included)", f"{load:.1f}"))
    write("Forming circles", "python -m bench.forming circles", rows)


def planned(plan: MeetingPlan) -> list[list[list[int]]]:
    """The rounds of a plan as they would be printed."""
    told: list[list[list[int]]] = json.loads(json.dumps(plan.rounds))
    return told


def again(rounds: list[list[list[int]]], people: int, size: int) -> tuple[int, int]:
    """How many meetings are not the first of their pair, and how many pairs have not met; -1 for a bad schedule."""
    met: dict[frozenset[int], int] = {}
    for turn in rounds:
        if sorted(one for group in turn for one in group) != list(range(people)) or max(map(len, turn)) > size:
            return -1, -1
        for group in turn:
            for pair in combinations(group, 2):
                met[frozenset(pair)] = met.get(frozenset(pair), 0) + 1
    return sum(number - 1 for number in met.values()), people * (people - 1) // 2 - len(met)


def meetings() -> None:
    """Rounds without meeting twice, everybody with everybody, and four rounds for any number."""
    golf, slowest = 0, 0.0
    for (groups, size), known in GOLF.items():
        begun = time.process_time()
        rounds = planned(season(groups * size, size, known))
        slowest = max(slowest, time.process_time() - begun)
        whole = {len(group) for turn in rounds for group in turn} == {size}
        golf += whole and len(rounds) == known and again(rounds, groups * size, size)[0] == 0
    fewest, proved, worst = 0, 0, 0
    for size, row in ALL_MET.items():
        for people, known_text in enumerate(row.split(), start=9):
            begun = time.process_time()
            rounds = planned(everybody(people, size))
            slowest = max(slowest, time.process_time() - begun)
            assert again(rounds, people, size)[1] == 0, (people, size)
            over = len(rounds) - int(known_text.rstrip("*"))
            proved += "*" not in known_text
            fewest += "*" not in known_text and over <= 0
            worst = max(worst, over)
    four = 0
    for people in range(12, 121):
        for size in range(3, 7):
            rounds = planned(season(people, size, 4))
            four += len(rounds) == 4 and again(rounds, people, size)[0] == 0
    cells = f"{fewest} of {proved} cells ({100 * fewest // proved}%)"
    rows = [
        ("3 to 10 groups of 3 to 8: best known rounds, nobody twice (goal: 31 of 33)", f"{golf} of {len(GOLF)}"),
        ("9 to 30 people in groups of 3 to 8: the fewest rounds until all have met (goal: 70%)", cells),
        ("the worst of all cells, above the fewest known (goal: 1)", f"{worst}"),
        ("12 to 120 people in circles of at most 3 to 6: four rounds, nobody twice", f"{four} of {109 * 4}"),
        ("slowest single schedule of these (goal: 60 s)", f"{slowest:.2f} s of the processor"),
    ]  # fmt: skip
    write("Who meets whom", "python -m bench.forming meetings", rows)


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["circles", "meetings"]
    if "circles" in wanted:
        circles()
    if "meetings" in wanted:
        meetings()
