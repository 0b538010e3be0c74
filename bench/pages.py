"""CPU and queries of pages and of a press, with the demonstration's data. `python -m bench.pages`, on SQLite.

The processor's time in this process, so that others on the machine count for nothing; each page against the floor page
(help: signed in, with the head that all pages have), block by block in one run. A press is held against another POST,
which only reads who sent it.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.grown import prepare
from bench.report import write

BLOCKS, EACH = 7, 12


def cpu(ask: Callable[[], Any], times: int = EACH) -> float:
    """Milliseconds of the processor for one, in the mean of some."""
    began = time.process_time()
    for _one in range(times):
        ask()
    return (time.process_time() - began) * 1000 / times


def ratios(ask: Callable[[], Any], floor: Callable[[], Any], blocks: int = BLOCKS) -> tuple[str, list[float]]:
    """Both in turns: the smallest, median and largest ratio, and the milliseconds of what is asked about."""
    pairs = []
    for _warm in range(2):
        ask(), floor()
    for _block in range(blocks):
        pairs.append((cpu(ask), cpu(floor)))
    all_of = sorted(one / low for one, low in pairs)
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    told = f"{all_of[0]:.2f}, {statistics.median(all_of):.2f}, {all_of[-1]:.2f} ({mine:.1f} ms, floor {theirs:.1f} ms)"
    return told, all_of


def pages() -> dict[str, tuple[Any, str]]:
    """Who asks for what, by name, in the demonstration."""
    from django.urls import reverse

    from accounts.models import User
    from circles.models import Circle
    from programmes.models import Programme
    from sessions.models import CircleSession

    people = {name: User.objects.get(email=f"{name}@example.org") for name in ("priya", "amara", "dana")}
    circle = Circle.objects.filter(memberships__user=people["amara"], memberships__left_at=None).earliest("pk")
    coming = CircleSession.objects.filter(circle=circle, status="planned").earliest("starts_at")
    programme = Programme.objects.filter(admins__user=people["dana"]).earliest("pk")
    return {
        "Today": (people["amara"], "/"),
        "circle overview": (people["amara"], reverse("pages:circle", args=[circle.code])),
        "session": (people["amara"], reverse("sessions:session", args=[coming.code])),
        "lobby": (people["amara"], reverse("sessions:live", args=[coming.code])),
        "agreement": (people["amara"], reverse("agreements:agreement", args=[circle.code])),
        "commitments": (people["amara"], "/commitments/"),
        "preferences": (people["amara"], reverse("pages:preferences")),
        "programme overview": (people["dana"], reverse("programmes:overview", args=[programme.code])),
    }


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def asking(client: Any, path: str) -> Callable[[], Any]:
    def ask() -> Any:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return answer

    return ask


def of_pages() -> list[tuple[str, str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    rows = []
    for name, (user, path) in pages().items():
        client = signed_in(user)
        ask, floor = asking(client, path), asking(client, reverse("pages:help"))
        told, _all = ratios(ask, floor)
        with CaptureQueriesContext(connection) as asked:
            ask()
        rows.append((f"{name}: CPU against the floor page", f"{told}, {len(asked)} queries"))
    return rows


def of_the_room() -> list[tuple[str, str]]:
    from django.urls import reverse
    from django.utils import timezone

    from demonstration.management.commands.bench_sessions import bench_circle, bench_person
    from sessions.formats.library import version_of
    from sessions.live.starting_services import session_start

    now = timezone.now()
    people = [bench_person() for _one in range(6)]
    session = bench_circle(people, now, in_=timedelta(minutes=30))
    ids = [user.pk for user in people]
    session_start(
        session=session, here=ids, presenting=ids, expected_seq=0, by=people[0], now=now, how="longer",
        version=version_of("council"),
    )  # fmt: skip
    clients = [signed_in(user) for user in people]
    seq = [1]

    def press() -> None:
        kind = "pause" if seq[0] % 2 else "resume"
        path = reverse("sessions:command", args=[session.code, kind])
        answer = clients[0].post(path, {"expected_seq": seq[0]}, headers={"X-Requested-With": "fetch"})
        if answer.status_code != 204:
            raise RuntimeError(f"{kind}: {answer.status_code}")
        seq[0] += 1

    def other_post() -> None:
        clients[0].post("/appearance/", {"theme": "auto"})

    room = reverse("sessions:live_room", args=[session.code])
    fragment = asking(clients[1], room)
    floor = asking(clients[1], reverse("pages:help"))
    rows = [("a press, against a POST that reads session and user", ratios(press, other_post)[0])]
    rows.append(("the room’s fragment, against the floor page", ratios(fragment, floor)[0]))

    def all_of_it() -> None:
        press()
        for client in clients:
            client.get(room)

    all_of_it()
    took = sorted(cpu(all_of_it, 5) for _block in range(BLOCKS))
    told = f"{took[0]:.1f}, {statistics.median(took):.1f}, {took[-1]:.1f} ms"
    rows.append(("a press with the fragments of six, CPU", told))
    return rows


def main() -> None:
    os.environ["PRESS_APART_MS"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        from django.utils import timezone

        from demonstration.circles import load

        load(now=timezone.now())
        rows = of_the_room() + of_pages()
    write(
        "Pages and presses with the demonstration’s data: CPU, min, median, max of seven blocks",
        "python -m bench.pages",
        rows,
    )


if __name__ == "__main__":
    main()
