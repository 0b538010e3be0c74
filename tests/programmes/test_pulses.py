"""Pulses: answered without a name, sealed until they close, fixed for good, never about fewer than five people."""

import json
import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from circles.models import Circle, Membership
from notifications.models import Message
from pages.erasing_services import person_erase
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite, quote_offer
from programmes.enums import statements_of
from programmes.models import (
    Programme,
    ProgrammeInvitation,
    Pulse,
    PulseAnswer,
    PulseReport,
    PulseTicket,
    Round,
    RoundCircle,
)
from programmes.pulse_selectors import evaluation_of, pulses_of_circle, pulses_of_programme
from programmes.pulse_services import (
    PulseDetails,
    pulse_answer,
    pulse_change,
    pulse_freeze,
    pulse_open,
    pulses_plan,
    pulses_tend,
)
from programmes.services import programme_end
from tests.factories import NOW, make_circle, make_programme, make_user, signed_in
from tests.together import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class World:
    """A programme whose circles have the sizes given; its first pulse is open."""

    def __init__(self, *sizes: int) -> None:
        self.dana = make_user("Dana Diaz")
        self.programme: Programme = make_programme(self.dana)
        self.round = Round.objects.create(programme=self.programme, number=1, first_on=NOW.date(), published_at=NOW)
        self.circles: list[Circle] = []
        for number, size in enumerate(sizes):
            people = [make_user(f"C{number}M{at} X") for at in range(size)]
            circle = make_circle(people[0], people[1:], name=f"Circle {number}")
            RoundCircle.objects.create(round=self.round, circle=circle)
            self.circles.append(circle)
        pulses_plan(round_=self.round, first_on=NOW.date())
        self.pulse = Pulse.objects.get(moment="start")
        pulse_open(pulse=self.pulse, now=NOW)

    def answer(self, *, missing: int = 0, moment: str = "start", score: int = 3, **words: Any) -> None:
        """Everybody answers, but for the last so many of each circle."""
        for circle in self.circles:
            tickets = list(PulseTicket.objects.filter(pulse__moment=moment, circle=circle).order_by("pk"))
            for at, ticket in enumerate(tickets[: len(tickets) - missing]):
                scores = {one.value: max(1, min(5, score + at % 3 - 1)) for one in statements_of(moment)}
                pulse_answer(ticket=ticket, answer=PulseDetails(scores, **words))

    def freeze(self) -> None:
        pulse_freeze(pulse=self.pulse, now=NOW)
        self.pulse.refresh_from_db()


def test_no_pulse_opens_once_a_programme_has_ended(clock: Any) -> None:
    world = World(5)
    programme_end(programme=world.programme, now=NOW)
    pulses_tend(now=NOW + timedelta(days=50))
    assert not Pulse.objects.exclude(moment="start").exclude(opened_at=None).exists()
    other = Pulse.objects.get(moment="middle")
    assert other.opens_on <= (NOW + timedelta(days=50)).date() < other.closes_on, "it would have been open"


def test_whoever_was_asked_hears_when_the_figures_are_there(clock: Any) -> None:
    world = World(5)
    world.answer()
    assert not Message.objects.filter(kind="pulse_ready").exists()
    world.freeze()
    told = Message.objects.filter(kind="pulse_ready").values_list("user", flat=True)
    assert set(told) == set(Membership.objects.filter(circle=world.circles[0]).values_list("user", flat=True))


def test_three_pulses_are_planned_and_worth_is_asked_at_the_end_only(clock: Any) -> None:
    world = World(5)
    days = [(one.moment, (one.opens_on - NOW.date()).days) for one in Pulse.objects.order_by("opens_on")]
    assert days == [("start", 1), ("middle", 43), ("end", 106)]
    assert "worth" not in statements_of("start") + statements_of("middle")
    assert "worth" in statements_of("end")
    ticket = PulseTicket.objects.first()
    assert ticket
    assert b"well spent" not in signed_in(ticket.user).get(reverse("programmes:answer", args=[ticket.code])).content
    assert world.pulse.opened_at == NOW


def test_answering_by_form_once(clock: Any) -> None:
    World(5)
    ticket = PulseTicket.objects.first()
    assert ticket
    client = signed_in(ticket.user)
    path = reverse("programmes:answer", args=[ticket.code])
    form: dict[str, Any] = {one.value: "4" for one in statements_of("start")}
    wrong = client.post(path, form | {"safety": "6", "helps": "kept words"})
    assert wrong.context["form"].errors == {
        "safety": ["Choose a number from 1 to 5: “In this circle I can say what is really the matter.”"]
    }
    assert b"kept words" in wrong.content
    assert client.post(path, form | {"helps": "Silence", "helps_released": "on"}).status_code == 302
    assert client.post(path, form).status_code == 302
    row = PulseAnswer.objects.get()
    assert (row.scores["safety"], row.helps, row.helps_released, row.change_released) == (4, "Silence", True, False)
    assert b"You have answered" in client.get(path).content


def test_an_answer_says_neither_who_nor_when(clock: Any) -> None:
    World(5)
    fields = {field.name for field in PulseAnswer._meta.get_fields()}
    assert fields == {
        "key", "code", "vault", "pulse", "circle", "scores", "helps", "change", "helps_released", "change_released",
    }  # fmt: skip
    assert PulseAnswer._meta.pk.name == "key"


def test_two_presses_at_once_count_once(transactional_db: None) -> None:
    World(5)
    ticket = PulseTicket.objects.first()
    assert ticket

    def press() -> None:
        try:
            pulse_answer(ticket=ticket, answer=PulseDetails({one.value: 3 for one in statements_of("start")}))
        except Refused:
            return

    at_once(press, press)
    assert PulseAnswer.objects.count() == 1


def test_nothing_is_seen_before_it_closes_and_nothing_changes_after(clock: Any) -> None:
    world = World(5, 5)
    world.answer()
    member = Membership.objects.filter(circle=world.circles[0]).first()
    assert member
    client, admin = signed_in(member.user), signed_in(world.dana)
    own = reverse("programmes:circle_pulse", args=[world.circles[0].code])
    assert b"No pulse has closed yet" in client.get(own).content
    assert pulses_of_programme(world.programme, now=NOW)[-1].report is None
    world.freeze()
    before = list(PulseReport.objects.values("circle", "figures", "respondents"))
    assert b"5 of us have answered" in client.get(own).content
    with pytest.raises(Refused):
        pulse_answer(ticket=PulseTicket.objects.first(), answer=PulseDetails())  # type: ignore[arg-type]
    with pytest.raises(Refused):
        pulse_change(pulse=world.pulse, opens_on=NOW.date(), closes_on=(NOW + DAY).date())
    pulse_freeze(pulse=world.pulse, now=NOW + DAY)
    person_erase(user=Membership.objects.filter(circle=world.circles[1], facilitates=False).first().user, now=NOW)  # type: ignore[union-attr]
    assert list(PulseReport.objects.values("circle", "figures", "respondents")) == before
    # The circle reads its figures first.
    assert (
        b"The circles read their figures first"
        in admin.get(reverse("programmes:pulses", args=[world.programme.code])).content
    )
    assert pulses_of_programme(world.programme, now=NOW + 2 * DAY - timedelta(seconds=1))[-1].report is None
    seen = pulses_of_programme(world.programme, now=NOW + 2 * DAY)[-1]
    assert (seen.report.respondents if seen.report else 0, seen.circles) == (10, 2)


def test_scores_and_everything_that_may_not_be_shown_are_deleted(clock: Any) -> None:
    world = World(6, 3)
    world.answer(helps="A sentence", change="Another")
    world.freeze()
    kept = PulseAnswer.objects.all()
    assert {row.circle_id for row in kept} == {world.circles[0].pk}
    assert [row.scores for row in kept] == [{}] * 6
    assert PulseReport.objects.values_list("circle", "respondents", "shared").get() == (world.circles[0].pk, 6, False)
    assert set(PulseTicket.objects.values_list("answered", flat=True)) == {False}
    assert (world.pulse.asked, world.pulse.answered) == (9, 9)


@pytest.mark.parametrize(
    ("sizes", "missing", "circles", "whole"),
    [
        ((5, 5), 1, set(), 8),
        ((4, 4), 0, set(), 8),
        ((2, 2), 0, set(), None),
        ((5, 4), 0, {0}, None),
        ((5, 5, 4), 0, {0, 1}, 10),
        ((5, 3, 3), 0, {0}, 11),
    ],
)
def test_who_has_a_report(
    clock: Any, sizes: tuple[int, ...], missing: int, circles: set[int], whole: int | None
) -> None:
    world = World(*sizes)
    world.answer(missing=missing)
    world.freeze()
    of_circles = set(PulseReport.objects.exclude(circle=None).values_list("circle", flat=True))
    assert of_circles == {world.circles[at].pk for at in circles}
    report = PulseReport.objects.filter(circle=None).first()
    assert (report.respondents if report else None) == whole


def test_below_eight_answers_there_is_a_band_and_no_number(clock: Any) -> None:
    world = World(5, 9)
    world.answer(score=4)
    world.freeze()
    small, large = (PulseReport.objects.get(circle=circle) for circle in world.circles)
    assert small.figures["safety"] == {"n": 5, "band": "high"}
    assert large.figures["safety"] == {"n": 9, "mean": 4.0, "sd": 0.866}
    # The mean of all fourteen, less that of the nine, would be that of the five.
    assert PulseReport.objects.get(circle=None).figures["safety"] == {"n": 14, "band": "high"}
    member = Membership.objects.filter(circle=world.circles[0]).first()
    assert member
    text = signed_in(member.user).get(reverse("programmes:circle_pulse", args=[world.circles[0].code])).content.decode()
    assert '<td class="n">mostly yes</td> <td class="n">–</td>' in " ".join(text.split())
    assert not re.search(r"<td[^>]*>[^<]*\d[^<]*</td>", text)


def test_what_was_kept_before_of_few_answers_becomes_bands(clock: Any) -> None:
    world = World(5, 9)
    whole = {"safety": {"n": 14, "mean": 4.0, "sd": 0.7}}
    for circle, number in ((world.circles[0], 5), (world.circles[1], 9), (None, 14)):
        held = {"safety": whole["safety"] | {"n": number}}
        PulseReport.objects.create(pulse=world.pulse, circle=circle, respondents=number, figures=held)
    import_module("programmes.migrations.0003_counted_once_fill").to_bands(apps, None)
    found = dict(PulseReport.objects.values_list("respondents", "figures"))
    assert found == {
        5: {"safety": {"n": 5, "band": "high"}},
        9: {"safety": {"n": 9, "mean": 4.0, "sd": 0.7}},
        14: {"safety": {"n": 14, "band": "high"}},
    }


def test_the_database_holds_no_report_of_four() -> None:
    world = World(5)
    with pytest.raises(IntegrityError), transaction.atomic():
        PulseReport.objects.create(pulse=world.pulse, respondents=4, figures={})


def test_a_small_circle_is_told_why_and_asked_no_words(clock: Any) -> None:
    world = World(4)
    ticket = PulseTicket.objects.first()
    assert ticket
    text = signed_in(ticket.user).get(reverse("programmes:answer", args=[ticket.code])).content.decode()
    assert "fewer than five people" in text
    assert 'name="helps"' not in text
    world.answer()
    world.freeze()
    assert (
        "Talk instead"
        in signed_in(ticket.user).get(reverse("programmes:circle_pulse", args=[world.circles[0].code])).content.decode()
    )


def test_words_stay_in_the_circle_unless_released(clock: Any) -> None:
    world = World(5, 5)
    first = PulseTicket.objects.filter(circle=world.circles[0]).first()
    assert first
    scores = {one.value: 3 for one in statements_of("start")}
    said = PulseDetails(scores, helps="CANARY kept", change="released sentence", change_released=True)
    pulse_answer(ticket=first, answer=said)
    for ticket in PulseTicket.objects.filter(answered=False):
        pulse_answer(ticket=ticket, answer=PulseDetails(scores))
    with connection.cursor() as cursor:
        cursor.execute("SELECT helps FROM programmes_pulseanswer WHERE helps IS NOT NULL")
        assert not any(b"CANARY" in bytes(row[0]) for row in cursor.fetchall() if row[0])
    world.freeze()
    clock.move_to(NOW + 3 * DAY)
    member = (
        signed_in(first.user).get(reverse("programmes:circle_pulse", args=[world.circles[0].code])).content.decode()
    )
    assert "CANARY kept" in member
    assert "released sentence" in member
    admin = signed_in(world.dana).get(reverse("programmes:pulses", args=[world.programme.code])).content.decode()
    assert "CANARY" not in admin
    assert "released sentence" in admin
    other = Membership.objects.filter(circle=world.circles[1]).first()
    assert other
    foreign = signed_in(other.user).get(reverse("programmes:circle_pulse", args=[world.circles[1].code])).content
    assert b"CANARY" not in foreign


def test_somebody_who_joins_later_reads_figures_but_no_words(clock: Any) -> None:
    world = World(5)
    world.answer(helps="From before")
    world.freeze()
    late = make_user("Late Comer")
    seat = Membership.objects.create(circle=world.circles[0], user=late, joined_at=NOW + DAY)
    found = pulses_of_circle(world.circles[0], seat)[0]
    assert (len(found.figures), found.helps) == (5, [])
    early = Membership.objects.get(circle=world.circles[0], facilitates=True)
    assert pulses_of_circle(world.circles[0], early)[0].helps == ["From before"] * 5


def test_figures_that_stay_in_a_circle_are_not_for_an_administrator_who_comes_to_look_after_it(clock: Any) -> None:
    """One who appoints themself to a circle that nobody looks after, the day after its pulse closed."""
    world = World(6, 3)
    world.answer()
    world.freeze()
    report = PulseReport.objects.get(circle=world.circles[0])
    assert (report.shared, PulseReport.objects.filter(circle=None).exists()) == (False, False)
    seat = Membership.objects.create(
        circle=world.circles[0], user=world.dana, joined_at=NOW + DAY, facilitates=True, takes_part=False
    )
    assert pulses_of_circle(world.circles[0], seat) == []
    page = signed_in(world.dana).get(reverse("programmes:circle_pulse", args=[world.circles[0].code])).content.decode()
    assert ("These figures stay in the circle." in page, "No pulse has closed yet." in page) == (False, True)
    Membership.objects.filter(pk=seat.pk).update(joined_at=NOW - DAY)
    seat.refresh_from_db()
    assert len(pulses_of_circle(world.circles[0], seat)) == 1


def test_pulses_open_and_close_by_the_day_of_the_programme(clock: Any) -> None:
    world = World(5)
    middle = Pulse.objects.get(moment="middle")
    just_before = NOW + timedelta(days=42, hours=14, minutes=59)
    assert pulses_tend(now=just_before) == 1  # the start is over and is fixed
    assert pulses_tend(now=just_before + timedelta(minutes=1)) == 1
    middle.refresh_from_db()
    assert middle.opened_at == just_before + timedelta(minutes=1)
    assert PulseTicket.objects.filter(pulse=middle).count() == 5
    assert Message.objects.filter(kind="pulse_open", subject_code__in=middle.tickets.values("code")).count() == 5
    assert pulses_tend(now=NOW + timedelta(days=53)) == 0
    assert pulses_tend(now=NOW + timedelta(days=54)) == 1
    programme_end(programme=world.programme, now=NOW)
    assert pulses_tend(now=NOW + timedelta(days=110)) == 0


def test_one_who_is_in_two_circles_answers_once(clock: Any) -> None:
    world = World(5, 5)
    both = Membership.objects.filter(circle=world.circles[0], facilitates=False).first()
    assert both
    Membership.objects.create(circle=world.circles[1], user=both.user, joined_at=NOW + DAY)
    Pulse.objects.filter(pk=world.pulse.pk).update(opened_at=None)
    PulseTicket.objects.all().delete()
    pulse_open(pulse=world.pulse, now=NOW + DAY)
    assert [ticket.circle for ticket in PulseTicket.objects.filter(user=both.user)] == [world.circles[0]]


def test_a_removed_member_can_no_longer_answer(clock: Any) -> None:
    World(5)
    ticket = PulseTicket.objects.last()
    assert ticket
    Membership.objects.filter(user=ticket.user).update(left_at=NOW)
    assert signed_in(ticket.user).get(reverse("programmes:answer", args=[ticket.code])).status_code == 404


def test_the_evaluation_compares_start_and_end_honestly(clock: Any) -> None:
    world = World(6, 6)
    assert evaluation_of(world.programme, now=NOW).changed == []
    world.answer(score=2)
    world.freeze()
    end = Pulse.objects.get(moment="end")
    pulse_open(pulse=end, now=NOW + DAY)
    world.answer(moment="end", score=4)
    pulse_freeze(pulse=end, now=NOW + 2 * DAY)
    found = evaluation_of(world.programme, now=NOW + 5 * DAY)
    assert [round(one.change.by, 2) for one in found.changed] == [2.0] * 5
    assert all(one.change.is_clear for one in found.changed)
    assert found.worth is not None
    clock.move_to(NOW + 5 * DAY)
    text = signed_in(world.dana).get(reverse("programmes:evaluation", args=[world.programme.code])).content.decode()
    assert "Probably more" in text
    assert json.dumps(found.totals.circles) == "2"


def test_days_of_a_pulse_can_change_until_it_closes(clock: Any) -> None:
    world = World(5)
    client = signed_in(world.dana)
    middle = Pulse.objects.get(moment="middle")
    path = reverse("programmes:pulse_days", args=[middle.code])
    wrong = client.post(path, {"opens_on": "2026-01-01", "closes_on": "2026-01-05"})
    assert list(wrong.context["form"].errors) == ["opens_on"]
    wrong = client.post(path, {"opens_on": "2027-03-01", "closes_on": "2027-03-01"})
    assert list(wrong.context["form"].errors) == ["closes_on"]
    client.post(path, {"opens_on": "2027-03-01", "closes_on": "2027-03-09"})
    middle.refresh_from_db()
    assert (str(middle.opens_on), str(middle.closes_on)) == ("2027-03-01", "2027-03-09")
    path = reverse("programmes:pulse_days", args=[world.pulse.code])
    client.post(path, {"opens_on": "2027-03-01", "closes_on": "2027-01-20"})
    world.pulse.refresh_from_db()
    assert (str(world.pulse.opens_on), str(world.pulse.closes_on)) == ("2027-01-12", "2027-01-20")


@pytest.mark.parametrize("circles", [1, 3])
def test_the_pages_of_pulses_cost_the_same_with_one_circle_and_three(
    clock: Any, circles: int, django_assert_num_queries: Any
) -> None:
    world = World(*[5] * circles)
    world.answer(helps="words", helps_released=True)
    world.freeze()
    clock.move_to(NOW + 3 * DAY)
    admin = signed_in(world.dana)
    path = reverse("programmes:pulses", args=[world.programme.code])
    admin.get(path)
    with django_assert_num_queries(8):
        admin.get(path)


def test_released_sentences_and_those_of_the_evaluation_are_all_there_page_by_page(clock: Any) -> None:
    world = World(8, 8, 8, 8)
    world.answer(helps="Helps", change="Change", helps_released=True, change_released=True)
    world.freeze()
    clock.move_to(NOW + 3 * DAY)
    for number, user in enumerate(User.objects.exclude(pk=world.dana.pk).order_by("pk")):
        quote_offer(programme=world.programme, user=user, text=f"Sentence {number:02}", with_name=False, now=NOW)
    for number in range(9):
        user = make_user(f"Late{number} X")
        quote_offer(programme=world.programme, user=user, text=f"Sentence {32 + number}", with_name=False, now=NOW)
    dana = signed_in(world.dana)
    path = reverse("programmes:pulses", args=[world.programme.code])
    first = dana.get(path).content.decode()
    assert "1 to 60 of 64" in first
    assert f'href="?{world.pulse.code}=2#s-{world.pulse.code}"' in first
    assert "61 to 64 of 64" in dana.get(f"{path}?{world.pulse.code}=2").content.decode()
    path = reverse("programmes:evaluation", args=[world.programme.code])
    pages = [dana.get(f"{path}?page={number}").content.decode() for number in (1, 2)]
    assert "1 to 40 of 41" in pages[0]
    assert "41 to 41 of 41" in pages[1]
    assert sorted(re.findall(r"Sentence \d\d", pages[0] + pages[1])) == [f"Sentence {at:02}" for at in range(41)]


def test_the_evaluation_says_who_was_invited_and_who_came_by_the_open_page(clock: Any) -> None:
    dana, zoe, yves = make_user("Dana Diaz"), make_user("Zoe Zane"), make_user("Yves Young")
    programme = make_programme(dana)
    people_invite(programme=programme, people={zoe.email: {}, "never@example.org": {}}, by=dana, now=NOW)
    invitation = ProgrammeInvitation.objects.get(email=zoe.email)
    enrolment_make(programme=programme, user=zoe, yes=EnrolmentDetails(motive="m"), now=NOW, invitation=invitation)
    enrolment_make(programme=programme, user=yves, yes=EnrolmentDetails(motive="m"), now=NOW)
    found = evaluation_of(programme, now=NOW)
    assert (found.invited, found.by_page, found.asked) == (2, 1, 2)
    page = signed_in(dana).get(reverse("programmes:evaluation", args=[programme.code])).content.decode()
    assert re.search(r"Invited by mail</dt>\s*<dd>2</dd>", page)
    assert re.search(r"Came by the open page</dt>\s*<dd>1</dd>", page)
    assert f"as of {NOW.day} {NOW:%B %Y}" in page
