"""Participation: counted from dates, shown to administrators exactly as to the circle, and never a word."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from circles.enums import CircleStatus
from circles.models import Circle, Membership
from programmes.counting_selectors import seen_of
from programmes.figures_services import LARGE_EVERY, figures_count, figures_keep
from programmes.heat_selectors import heat_of
from programmes.models import Programme, Round, RoundCircle, WeekFigures
from programmes.participation_selectors import Filter, calls_of, calls_page, totals_of, weeks_of, weeks_shown
from programmes.services import programme_end
from sessions.enums import SessionStatus
from sessions.formats.library import version_of
from sessions.models import CircleSession
from sessions.planning.services import SessionDetails, session_update
from tests.factories import NOW, Cast, make_circle, make_programme, make_session, make_user, sign, signed_in

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)
TOKENS = re.compile(rb'name="(csrfmiddlewaretoken|form_key)" value="[^"]+"')


def in_programme(*circles: Circle, name: str = "Dana Diaz") -> tuple[Programme, User]:
    """A programme of these circles and its administrator."""
    dana = make_user(name)
    programme = make_programme(dana, starts_on=(NOW - 20 * WEEK).date())
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
    for circle in circles:
        RoundCircle.objects.create(round=made, circle=circle)
    return programme, dana


def held(circle: Circle, at: datetime, came: int, expected: int = 4, **known: Any) -> CircleSession:
    options = {"status": SessionStatus.ENDED, "started_at": at, "ended_at": at + timedelta(hours=2)} | known
    return CircleSession.objects.create(
        circle=circle, local_date=at.date(), local_time=at.time(), zone="UTC", starts_at=at, minutes=120,
        format_version=version_of("council"), came_count=came, expected_count=expected, **options,
    )  # fmt: skip


def test_weeks_and_totals_are_what_happened(people: Cast) -> None:
    held(people.circle, NOW - 4 * WEEK, 4)
    held(people.circle, NOW - WEEK, 2, stopped=True)
    held(people.circle, NOW - 2 * WEEK, 4, practice=True)
    session = make_session(people.circle, people.alice)
    details = SessionDetails(
        local_start=datetime(2027, 1, 20, 12), zone="UTC", format=session.format_version, minutes=120
    )
    session_update(session=session, details=details, now=NOW)
    for at in range(3):
        promise = commitment_make(
            circle=people.circle,
            owner=people.bob,
            details=CommitmentDetails("w", (NOW - timedelta(days=at)).date(), None),
            now=NOW - WEEK,
        )
        if at:
            commitment_settle(commitment=promise, status=CommitmentStatus.KEPT, now=NOW)
    sign(people.circle, people.alice, people.bob, people.carol)
    programme, _dana = in_programme(people.circle, make_circle(people.erin, name="Other"))
    figures_count(programme=programme, now=NOW)
    found = totals_of(programme, Filter())
    assert (found.circles, found.people, found.complete, found.held, found.moved, found.cut_short) == (2, 5, 0, 2, 1, 1)
    assert (found.came, found.expected, found.made, found.due, found.kept) == (6, 8, 3, 0, 0)
    assert (found.filled, found.kept_share, found.counted_at) == (75, None, NOW)
    sign(people.circle, people.dave)
    figures_count(programme=programme, now=NOW)
    assert totals_of(programme, Filter()).complete == 1
    lines = [(str(line.week), line.filled, line.kept_share) for line in weeks_shown(weeks_of(programme, Filter()))]
    assert lines == [("2026-12-14", 100, None), ("2027-01-04", 50, None)]


def test_counting_again_writes_only_what_differs(people: Cast) -> None:
    held(people.circle, NOW - WEEK, 4)
    programme, _dana = in_programme(people.circle)
    figures_count(programme=programme, now=NOW)
    week = WeekFigures.objects.get()
    figures_count(programme=programme, now=NOW)
    assert WeekFigures.objects.get() == week
    gone = CircleSession.objects.get()
    gone.delete()
    figures_count(programme=programme, now=NOW)
    assert WeekFigures.objects.count() == 0


def test_large_programmes_are_counted_once_an_hour_and_ended_ones_no_more(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, _dana = in_programme(people.circle)
    assert figures_keep(now=NOW) == 1
    assert figures_keep(now=NOW) == 1
    monkeypatch.setattr("programmes.figures_services.SMALL", 0)
    assert figures_keep(now=NOW + LARGE_EVERY - timedelta(seconds=1)) == 0
    assert figures_keep(now=NOW + LARGE_EVERY) == 1
    programme_end(programme=programme, now=NOW + LARGE_EVERY)
    assert figures_keep(now=NOW + 2 * LARGE_EVERY) == 0
    row = RoundCircle.objects.get()
    assert row.counted_at == NOW + LARGE_EVERY


LATE = NOW + 6 * WEEK  # when what fell due in the week of NOW is counted


def promise(circle: Circle, owner: User, *, due: datetime = NOW, kept: bool = True) -> Commitment:
    made = commitment_make(circle=circle, owner=owner, details=CommitmentDetails("w", due.date(), None), now=NOW)
    if kept:
        commitment_settle(commitment=made, status=CommitmentStatus.KEPT, now=NOW)
    return made


def test_kept_is_for_the_whole_programme_and_of_two_circles_none_of_which_is_most_of_it(
    people: Cast, clock: Any
) -> None:
    other = make_circle(people.erin, name="Birch")
    programme, dana = in_programme(people.circle, other)
    page = reverse("programmes:overview", args=[programme.code])
    clock.move_to(LATE)

    def shown() -> int | None:
        WeekFigures.objects.all().delete()
        figures_count(programme=programme, now=LATE)
        return totals_of(programme, Filter()).kept_share

    for _each in range(4):
        promise(people.circle, people.bob)
    assert shown() is None, "of one circle"
    promise(other, people.erin)
    assert shown() is None, "of five one circle has four"
    promise(other, people.erin, kept=False)
    late = promise(other, people.erin, kept=False)
    assert shown() == 71
    WeekFigures.objects.all().delete()
    early = LATE - timedelta(days=1)
    figures_count(programme=programme, now=early)
    assert totals_of(programme, Filter()).kept_share is None, "not before five weeks after its week are over"
    commitment_settle(commitment=late, status=CommitmentStatus.KEPT, now=early)
    figures_count(programme=programme, now=LATE)
    assert totals_of(programme, Filter()).kept_share == 86, "as it is then"
    for part in ({"circle": "alder"}, {"first": "2026-01-01"}, {"last": "2027-12-31"}, {"facilitator": "erin"}):
        text = signed_in(dana).get(page, part).content.decode()
        assert "Not shown for a part" in text
        assert "86%" not in text


def test_ending_a_programme_again_counts_nothing_again(people: Cast) -> None:
    programme, _dana = in_programme(people.circle)
    programme_end(programme=programme, now=NOW)
    held(people.circle, NOW + WEEK, 4)
    programme_end(programme=programme, now=NOW + 2 * WEEK)
    programme.refresh_from_db()
    assert programme.ended_at == NOW
    assert RoundCircle.objects.get().counted_at == NOW
    assert not WeekFigures.objects.exists()


def test_nobody_can_watch_a_press_in_the_figures(people: Cast, clock: Any) -> None:
    """A commitment is counted when its week is over, and whether it was kept five weeks later; then never again."""
    other = make_circle(people.erin, name="Birch")
    programme, dana = in_programme(people.circle, other)
    own = reverse("programmes:circle", args=[programme.code, people.circle.code])
    overview, export = (reverse(f"programmes:{name}", args=[programme.code]) for name in ("overview", "export"))

    def pages(at: datetime) -> list[bytes]:
        clock.move_to(at)
        figures_count(programme=programme, now=at)
        client = signed_in(dana)
        return [TOKENS.sub(b"", client.get(page).content) for page in (own, overview, export)]

    def unchanged(act: Callable[[], object], at: datetime) -> None:
        before = pages(at)
        act()
        assert pages(at) == before

    made = [promise(people.circle, people.bob, kept=False) for _each in range(3)]
    made += [promise(other, people.erin, kept=False) for _each in range(3)]
    unchanged(lambda: promise(people.circle, people.carol, kept=False), NOW + timedelta(days=1))
    monday = NOW + WEEK
    pages(monday)
    assert RoundCircle.objects.get(circle=people.circle).made == 4
    unchanged(lambda: commitment_settle(commitment=made[0], status=CommitmentStatus.KEPT, now=monday), monday)
    commitment_settle(commitment=made[4], status=CommitmentStatus.KEPT, now=monday)
    pages(LATE)
    assert totals_of(programme, Filter()).kept_share == 29
    unchanged(lambda: commitment_settle(commitment=made[1], status=CommitmentStatus.KEPT, now=LATE), LATE + WEEK)
    unchanged(lambda: Commitment.objects.filter(pk=made[2].pk).delete(), LATE + WEEK)
    assert totals_of(programme, Filter()).kept_share == 29


def test_filters_leave_circles_and_weeks_out(people: Cast, clock: Any) -> None:
    other = make_circle(people.erin, name="Birch")
    held(people.circle, NOW - 4 * WEEK, 4)
    held(people.circle, NOW - WEEK, 3)
    held(other, NOW - WEEK, 1, 1)
    programme, dana = in_programme(people.circle, other)
    figures_count(programme=programme, now=NOW)
    assert totals_of(programme, Filter(facilitator="erin e")).held == 1
    assert totals_of(programme, Filter(circle="alder")).held == 2
    assert totals_of(programme, Filter(first=(NOW - 2 * WEEK).date())).held == 2
    assert totals_of(programme, Filter(last=(NOW - 2 * WEEK).date())).held == 1
    path = reverse("programmes:overview", args=[programme.code])
    client = signed_in(dana)
    page = client.get(path, {"circle": "birc"}).content.decode()
    assert "Not shown for a part" in page
    assert "Alder circle</a>" not in page
    wrong = client.get(path, {"first": "2027-01-01", "last": "2026-01-01", "circle": "x" * 81})
    assert sorted(wrong.context["form"].errors) == ["circle", "last"]
    assert wrong.status_code == 200


def test_the_heat_map_says_came_of_expected_and_what_is_to_come(people: Cast, clock: Any) -> None:
    held(people.circle, NOW - 4 * WEEK, 4)
    held(people.circle, NOW - 3 * WEEK, 3)
    held(people.circle, NOW - 2 * WEEK, 2)
    held(people.circle, NOW - WEEK, 1)
    held(people.circle, NOW - timedelta(days=3), 0, status=SessionStatus.NOT_HELD)
    held(people.circle, NOW - timedelta(days=2), 0, status=SessionStatus.CANCELLED)
    held(people.circle, NOW + WEEK, 0, status=SessionStatus.PLANNED)
    programme, _dana = in_programme(people.circle)
    figures_count(programme=programme, now=NOW)
    heat = heat_of(programme, Filter(), "1", now=NOW)
    assert [(cell.shade, cell.text, cell.said) for cell in heat.rows[0].cells] == [
        ("h4", "4 of 4", ""), ("h3", "3 of 4", ""), ("h2", "2 of 4", ""), ("h1", "1 of 4", ""),
        ("h0", "not held", ""), ("h0", "18 Jan", ""),
    ]  # fmt: skip
    assert list(heat.columns) == [1, 2, 3, 4, 5, 6]


def test_circles_to_ring_say_why_and_what_to_do(people: Cast, clock: Any) -> None:
    people.circle.created_at = NOW - 12 * WEEK
    people.circle.save()
    held(people.circle, NOW - 9 * WEEK, 4)
    programme, dana = in_programme(people.circle)
    figures_count(programme=programme, now=NOW)
    (call,) = calls_of(calls_page(programme, Filter(), None), now=NOW)
    assert (call.tag, call.why, call.facilitator) == ("No date set", "63 days since they last met.", people.alice)
    page = signed_in(dana).get(reverse("programmes:overview", args=[programme.code])).content.decode()
    assert 'href="mailto:alice@example.org"' in page
    User.objects.filter(pk=people.alice.pk).update(is_active=False)
    figures_count(programme=programme, now=NOW)
    (call,) = calls_of(calls_page(programme, Filter(), None), now=NOW)
    assert (call.tag, call.facilitator) == ("Nobody looks after it", None)
    Circle.objects.filter(pk=people.circle.pk).update(status=CircleStatus.ON_HOLD)
    figures_count(programme=programme, now=NOW)
    assert calls_of(calls_page(programme, Filter(), None), now=NOW) == []


def test_administrators_see_what_the_circle_is_shown(people: Cast, clock: Any) -> None:
    held(people.circle, NOW - WEEK, 3)
    programme, dana = in_programme(people.circle)
    own = signed_in(people.bob).get(reverse("pages:circle_seen", args=[people.circle.code])).content.decode()
    theirs = (
        signed_in(dana).get(reverse("programmes:circle", args=[programme.code, people.circle.code])).content.decode()
    )
    facts = own[own.index('<dl class="facts">') : own.index("</table>")]
    assert facts in theirs
    # And nothing else of the circle: beside it only who looks after it, whose address the list says they know.
    main = theirs.partition('<main id="main"')[2].partition("</main>")[0].partition(">")[2].replace(facts, "")
    rest = [" ".join(text.split()) for text in re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL).split("<")]
    assert [one for one in (text.partition(">")[2].strip() for text in rest) if one] == [
        "Participation", "Alder circle", "Exactly what its members are shown that you see.", "Who looks after it", "AA",
        "Alice Archer", "Write to Alice",
    ]  # fmt: skip
    seen = seen_of(people.circle, now=NOW)
    assert (seen.rhythm, seen.cadence, seen.signatures_complete, seen.made, len(seen.sessions)) == (
        "every three weeks", "as planned", False, 0, 1,
    )  # fmt: skip
    assert "This circle is part of Leading well" in own


def told(text: str) -> list[str]:
    """The texts of a page's cells and facts, without their tags."""
    cells = re.findall(r"<(?:td|dd|th)[^>]*>(.*?)</(?:td|dd|th)>", text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in cells]


def test_the_list_that_is_everything_leaves_nothing_out(people: Cast, clock: Any) -> None:
    """Every figure, date, name and sign of a circle on an administrator's pages and in the file stands in its list."""
    held(people.circle, NOW - 10 * WEEK, 3)
    moved = held(people.circle, NOW - 8 * WEEK, 1)
    CircleSession.objects.filter(pk=moved.pk).update(moves=3, stopped=True)
    held(people.circle, NOW - 6 * WEEK, 0, status=SessionStatus.NOT_HELD)
    held(people.circle, NOW - WEEK, 0, status=SessionStatus.CANCELLED)
    held(people.circle, NOW + 2 * WEEK, 0, status=SessionStatus.PLANNED)
    programme, dana = in_programme(people.circle)
    figures_count(programme=programme, now=NOW)
    own = signed_in(people.bob).get(reverse("pages:circle_seen", args=[people.circle.code])).content.decode()
    found = told(own)
    client = signed_in(dana)
    overview = client.get(reverse("programmes:overview", args=[programme.code])).content.decode()
    (row,) = re.findall(r'<tr>\s*<th scope="row">Alder circle</th>(.*?)</tr>', overview, re.DOTALL)
    for cell in told(row):
        assert cell.casefold() in [one.casefold() for one in found], cell
    (heat,) = re.findall(r'<tr>\s*<th scope="row">\s*<a [^>]*>Alder circle</a>\s*</th>(.*?)</tr>', overview, re.DOTALL)
    assert told(heat)[:4] == ["3 of 4", "1 of 4", "not held", "25 Jan"]
    assert found.count("not held") == 1
    assert "planned" in found
    assert "Monday 25 January" in found
    (tag,) = re.findall(r'<span class="tag tag--late">.*?</svg>(.*?)</span>', overview, re.DOTALL)
    assert tag.strip() in found
    assert "3, 1" in found  # moved, cut short
    assert "moved 3 times, 1 cut short" in " ".join(overview.split())
    assert "4 people" in overview
    assert found[found.index("Alice Archer") + 1] == "4"


def test_the_file_holds_the_same_and_runs_no_formula(people: Cast, clock: Any) -> None:
    Circle.objects.filter(pk=people.circle.pk).update(name="=HYPERLINK(1)")
    held(people.circle, NOW - WEEK, 3)
    programme, dana = in_programme(people.circle, make_circle(people.erin, name="Birch"))
    figures_count(programme=programme, now=NOW)
    answer = signed_in(dana).get(reverse("programmes:export", args=[programme.code]))
    assert answer["Content-Disposition"] == 'attachment; filename="leading-well-participation.csv"'
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1:] == [
        ["'=HYPERLINK(1)", "1", "every three weeks", "as planned", "no", "0", "1", "2027-01-04", "3", "4"],
        ["Birch", "1", "every three weeks", "not yet", "no", "0", "", "", "", ""],
    ]


def test_the_file_is_made_thirty_times_an_hour_for_one_administrator(people: Cast, clock: Any) -> None:
    programme, dana = in_programme(people.circle)
    other = make_user("Olga Orlova")
    programme.admins.create(user=other, since=NOW)
    page, client = reverse("programmes:export", args=[programme.code]), signed_in(dana)
    assert {client.get(page).status_code for _at in range(30)} == {200}
    refused = client.get(page)
    assert refused.status_code == 429
    assert b"Nothing was changed: wait a while" in refused.content
    assert signed_in(other).get(page).status_code == 200
    clock.shift(timedelta(hours=1, seconds=1))
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("name", ["overview", "report", "export", "facilitators", "evaluation", "people"])
def test_pages_of_a_programme_cost_the_same_with_two_circles_and_six(people: Cast, clock: Any, name: str) -> None:
    programme, dana = in_programme(people.circle)
    made = Round.objects.get()
    counts = []
    for more in (1, 4):
        for at in range(more):
            facilitator = make_user(f"F{more}{at} X")
            circle = make_circle(facilitator, [make_user(f"M{more}{at} X")], name=f"C{more}{at}")
            held(circle, NOW - 9 * WEEK, 1, 2)
            held(circle, NOW - 8 * WEEK, 1, 2)
            RoundCircle.objects.create(round=made, circle=circle)
        figures_count(programme=programme, now=NOW)
        client = signed_in(dana)
        path = reverse(f"programmes:{name}", args=[programme.code])
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 15, counts


def test_the_list_of_circles_one_looks_after_costs_the_same_with_one_and_with_three(people: Cast, clock: Any) -> None:
    counts = []
    for more in (0, 2):
        for at in range(more):
            circle = make_circle(people.alice, [people.erin], name=f"More {at}")
            make_session(circle, people.alice)
        client = signed_in(people.alice)
        assert client.get("/facilitating/").url == "/circles/"
        with CaptureQueriesContext(connection) as queries:
            answer = client.get("/circles/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13, counts
    text = " ".join(answer.content.decode().split())
    assert text.count("Not signed yet: Erin") == 2
    assert text.count("Thursday 14 January") == 2
    assert text.count("Rhythm: ") + text.count("Fading") == 3


def test_a_programme_that_ends_leaves_its_circles_alone(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    programme, dana = in_programme(people.circle)
    figures_count(programme=programme, now=NOW)
    client = signed_in(dana)
    client.post(reverse("programmes:end", args=[programme.code]))
    session.refresh_from_db()
    assert session.is_planned
    assert Membership.objects.filter(circle=people.circle, left_at=None).count() == 4
    page = client.get(reverse("programmes:overview", args=[programme.code])).content.decode()
    assert "The programme ended on" in page
    later = NOW + 2 * WEEK
    held(people.circle, NOW + WEEK, 4)
    commitment_make(
        circle=people.circle, owner=people.bob, details=CommitmentDetails("w", later.date(), None), now=later
    )
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    clock.move_to(later)
    client, member = signed_in(dana), signed_in(people.bob)
    own = member.get(reverse("pages:circle_seen", args=[people.circle.code])).content.decode()
    theirs = client.get(reverse("programmes:circle", args=[programme.code, people.circle.code])).content.decode()
    assert "nothing is counted any more" in own
    facts = own[own.index('<dl class="facts">') : own.index("</table>")]
    assert facts in theirs
    assert "No session was held yet, and none is planned." in facts
    assert "4 of 4" not in client.get(reverse("programmes:overview", args=[programme.code])).content.decode()
    export = client.get(reverse("programmes:export", args=[programme.code])).content.decode()
    assert "2027-01-18" not in export
