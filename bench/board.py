"""The board on which circles are made, at 24 and at 100 circles of five: `python -m bench.board`, on SQLite.

The processor's time of this process for the page, for what a move would cost, for a move and for undoing it; and what
other pages take by the clock while circles are worked out, in turns with the same pages before that.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from bench.grown import prepare
from bench.pages import asking, signed_in
from bench.report import write

SIZES, CIRCLE, MOVES, PAGES = (24, 100), 5, 15, 60
MEANWHILE: list[tuple[str, str]] = []
DEPARTMENTS = ("Data", "Legal", "Finance", "Estates", "Care", "Sales")
PLACES = ("Leeds", "Bristol", "Cardiff")


def board_of_circles(number: int) -> Any:
    """A round with so many circles of five and ten people who wait; everybody has named three mornings."""
    from django.utils import timezone

    from accounts.enums import Level
    from accounts.models import Availability, User
    from programmes.enrolment_services import EnrolmentDetails, enrolment_make
    from programmes.forming_services import round_begin
    from programmes.models import Placement
    from programmes.services import ProgrammeDetails, programme_start

    chance, now = Random(number), timezone.now()
    dana = User.objects.create(email=f"dana{number}@bench.invalid", name="Dana", zone_confirmed=True)
    asks = ["function", "location", "level", "manager", "languages", "together"]
    details = ProgrammeDetails(
        f"Programme {number}", "UTC", now.date(), (now + timedelta(days=180)).date(), min_size=4, max_size=6, asks=asks
    )
    programme = programme_start(details=details, by=dana, now=now)
    rows, hours = [], []
    for at in range(number * CIRCLE + 10):
        user = User.objects.create(email=f"p{number}x{at}@bench.invalid", name=f"Person {at}", zone_confirmed=True)
        days = {at // CIRCLE % 5, *chance.sample(range(5), 2)}
        hours += [Availability(user=user, weekday=day, start=540, end=720, level=Level.GOOD) for day in days]
        facts = {"function": chance.choice(DEPARTMENTS), "location": chance.choice(PLACES)}
        rows.append(enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(facts=facts), now=now))
    Availability.objects.bulk_create(hours)
    round_ = round_begin(programme=programme, first_on=(now + timedelta(days=14)).date())
    drafts = [*round_.drafts.order_by("pk")]
    from programmes.forming_services import draft_add

    drafts = (drafts + [draft_add(round_=round_) for _one in range(number - len(drafts))])[:number]
    round_.drafts.exclude(pk__in=[one.pk for one in drafts]).delete()
    Placement.objects.bulk_create(
        Placement(round=round_, enrolment=one, draft=drafts[at // CIRCLE])
        for at, one in enumerate(rows[: number * CIRCLE])
    )
    return round_, drafts, rows, dana


def spent(ask: Callable[[], Any], times: int) -> str:
    """Milliseconds of the processor: median and largest of so many."""
    took = []
    for _one in range(times):
        began = time.process_time()
        ask()
        took.append((time.process_time() - began) * 1000)
    return f"median {statistics.median(took):.0f} ms, largest {max(took):.0f} ms"


def waited(client: Any, path: str) -> float:
    """Milliseconds by the clock until a page was there."""
    began = time.perf_counter()
    client.get(path)
    return (time.perf_counter() - began) * 1000


def meanwhile(round_: Any, dana: Any, client: Any) -> tuple[str, str]:
    """What other pages take while circles are worked out, beside what they took before: 95th of a hundred."""
    from django.urls import reverse
    from django.utils import timezone

    from programmes.models import FormingRun
    from programmes.proposal_services import run_ask, run_stop
    from programmes.tasks import work_out_circles

    asked = ["/", reverse("programmes:people", args=[round_.programme.code]), reverse("pages:help")] * (PAGES // 3)
    for path in asked[:6]:
        waited(client, path)
    p95 = {}
    for when in ("idle", "meanwhile"):
        if when == "meanwhile":
            run = run_ask(round_=round_, scope="all", by=dana, now=timezone.now())
            work_out_circles()
            time.sleep(3)
        p95[when] = statistics.quantiles([waited(client, path) for path in asked], n=20)[-1]
    run_stop(run_=run)
    for _turn in range(120):
        if not FormingRun.objects.filter(pk=run.pk, state__in=["queued", "running"]).exists():
            break
        time.sleep(1)
    FormingRun.objects.all().delete()
    told = f"{p95['meanwhile']:.0f} ms, {p95['idle']:.0f} ms before: {p95['meanwhile'] / p95['idle']:.2f} ×"
    return f"{len(asked)} other pages while circles are worked out, p95 by the clock (goal 1.5 ×)", told


def moves(number: int) -> list[tuple[str, str]]:
    """What the server does for the page of a board and for one move on it."""
    from django.urls import reverse

    from programmes.models import BoardStep

    round_, drafts, rows, dana = board_of_circles(number)
    client = signed_in(dana)
    page = asking(client, reverse("programmes:forming", args=[round_.programme.code]))
    answer = page()
    chance = Random(1)

    def move() -> None:
        who, to = chance.choice(rows), chance.choice(drafts)
        sent = client.post(
            reverse("programmes:move", args=[round_.code]), {"who": [who.code], "to": to.code, "do": "move"}
        )
        if sent.status_code != 302:
            raise RuntimeError(f"move: {sent.status_code}")

    def cost() -> None:
        who, to = chance.choice(rows), chance.choice(drafts)
        client.get(reverse("programmes:move_cost", args=[round_.code]), {"who": [who.code], "to": to.code})

    def undo() -> None:
        client.post(reverse("programmes:move_undo", args=[round_.code]))

    if number == SIZES[0]:
        MEANWHILE.append(meanwhile(round_, dana, client))
    named = f"{number} circles, {len(rows)} people: "
    moved = spent(move, MOVES)
    steps = min(MOVES, BoardStep.objects.filter(round=round_).count())
    return [
        (named + "the page of the board", f"{spent(page, 5)}, {len(answer.content) / 1000:.0f} kB"),
        (named + "what a move would cost (goal at 24: 100 ms)", spent(cost, MOVES)),
        (named + "a move (goal at 24: 100 ms)", moved),
        (named + "a move taken back", spent(undo, steps)),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        rows = [row for number in SIZES for row in moves(number)]
    load = os.getloadavg()[1]
    rows += [*MEANWHILE, ("other work on the machine meanwhile (load of five minutes, this included)", f"{load:.1f}")]
    write("The board", "python -m bench.board", rows)


if __name__ == "__main__":
    main()
