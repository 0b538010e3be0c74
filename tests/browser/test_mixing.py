"""From a file of 120 people to published circles in at most twelve presses, and to a second round of new people alone."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import check, enter, follow

pytestmark = pytest.mark.browser
PRESSES_AT_MOST = 12
SECONDS = 150_000
PEOPLE = 120

# What 120 people and their facilitators do in browsers of their own, each by the service that their press calls.
AMONG = """
from random import Random
from django.utils import timezone
from accounts.enums import Level
from accounts.models import User
from accounts.services import availability_add
from circles.invitation_services import invitation_accept
from circles.models import Invitation
from programmes.again_services import circle_wanted_again
from programmes.asking_services import facilitator_answer
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite_kept
from programmes.models import Enrolment, FacilitatorAsked, Programme, ProgrammeInvitation
programme, now = Programme.objects.get(name="Big round"), timezone.now()
"""
SAY_YES = """
people_invite_kept(now=now)
chance = Random(1)
rows = list(ProgrammeInvitation.objects.filter(programme=programme).order_by("email"))
assert len(rows) == 120, len(rows)
for at, one in enumerate(rows):
    user = User.objects.create_user(one.email, None, name=one.called, zone_confirmed=True)
    availability_add(user=user, weekdays=chance.sample(range(5), 4), start=540, end=720, level=Level.GOOD)
    yes = EnrolmentDetails(facts=one.facts, may_facilitate=at % 2 == 0)
    enrolment_make(programme=programme, user=user, yes=yes, now=now, invitation=one)
"""
LOOK_AFTER = """
for asked in FacilitatorAsked.objects.filter(round__programme=programme, yes=None):
    facilitator_answer(asked=asked, yes=True, now=now)
"""
ACCEPT = """
users = {user.email: user for user in User.objects.filter(enrolments__programme=programme)}
for one in Invitation.objects.filter(email__in=users, used_at=None).select_related("circle__vault"):
    invitation_accept(invitation=one, user=users[one.email], now=now)
"""
GO_ON = """
for row in Enrolment.objects.filter(programme=programme).select_related("programme"):
    circle_wanted_again(enrolment=row, now=now)
"""
WHO = """
from circles.models import Membership
from programmes.models import RoundCircle
for row in RoundCircle.objects.filter(round__programme=programme).select_related("round"):
    here = Membership.objects.filter(circle=row.circle_id, takes_part=True).values_list("user", flat=True)
    print("CIRCLE", row.round.number, *here)
"""


class Presses:
    """Counts what an administrator presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def press(self, button: Locator) -> None:
        follow(button)
        self.number += 1

    def named(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=re.compile(name)))

    def proposal(self) -> None:
        """Propose circles, and stop once everybody has a place: what could still become better takes a minute more."""
        self.named("^Propose circles$")
        stop = self.page.get_by_role("button", name="Stop, and keep the best so far")
        placed = self.page.get_by_text(re.compile(r"; 0 people wait|There is a proposal by your rules"))
        there = self.page.get_by_role("button", name="Put it on the board")
        expect(placed.or_(there)).to_be_visible(timeout=SECONDS)
        if stop.is_visible():
            self.press(stop)
        expect(there).to_be_visible(timeout=SECONDS)


def table_of_people() -> bytes:
    kinds = ("Data", "Legal", "Finance", "Estates", "Care")
    lines = [f"big{at}@example.org,Big {at:03},{kinds[at % 5]}" for at in range(PEOPLE)]
    return "\n".join(["Email,Name,Department", *lines]).encode()


def circles_of(demo: Site) -> dict[int, list[tuple[int, ...]]]:
    """By round, who is in which circle."""
    found: dict[int, list[tuple[int, ...]]] = {}
    demo.manage("shell", "-c", AMONG + WHO, wait=True)
    for line in (demo.folder / "shell.log").read_text().splitlines():
        if line.startswith("CIRCLE "):
            number, *people = map(int, line.split()[1:])
            found.setdefault(number, []).append(tuple(people))
    return found


def test_120_people_of_a_file_are_in_circles_by_twelve_presses_and_meet_nobody_twice(
    browser: Browser, demo: Site, shots: Path
) -> None:
    page = enter(browser, demo, "dana@example.org", "desk", "light")
    # Thirty circles with their dates and invitations are made in one transaction: on a busy machine that takes a while.
    page.set_default_timeout(SECONDS)

    def others(do: str) -> None:
        demo.manage("shell", "-c", AMONG + do, wait=True)

    page.goto("/programmes/start/")
    page.get_by_label("Name of the programme").fill("Big round")
    follow(page.get_by_role("button", name="Set it up"))
    board = page.url.replace("/people/", "/forming/")
    presses = Presses(page)
    page.goto(page.url + "import/")
    page.get_by_label("A file of people (CSV)").set_input_files(
        {"name": "p.csv", "mimeType": "text/csv", "buffer": table_of_people()}
    )
    presses.named("^Show what is in it$")
    presses.named("^Invite 120 people$")
    others(SAY_YES)
    page.goto(board)
    page.get_by_label("The circles first meet in the week from").fill("2027-09-06")
    presses.named("^Open the board$")
    presses.proposal()
    wrong = check(page, "mixing-proposal", shots)
    presses.named("^Put it on the board$")
    presses.named("^Propose facilitators$")
    page.evaluate("scrollTo(0, 0)")  # what lies half under the bar of places is no smaller for it
    wrong += check(page, "mixing-board", shots)
    presses.named("^Ask ")
    others(LOOK_AFTER)
    page.goto(board)
    presses.named("^Confirm and invite 120 people")
    expect(page.get_by_text("The circles are made;")).to_be_visible()
    assert presses.number <= PRESSES_AT_MOST

    others(ACCEPT)
    page.goto(board)
    follow(page.get_by_role("button", name="Ask them by mail"))
    expect(page.get_by_text("120 people are asked by mail.")).to_be_visible()
    wrong += check(page, "mixing-next-round", shots)
    others(GO_ON)
    page.goto(f"{board}rules/")
    page.get_by_role("group", name="People who have not met").get_by_text("must", exact=True).click()
    follow(page.get_by_role("button", name="Save"))
    page.get_by_label("The circles first meet in the week from").fill("2027-12-06")
    presses.named("^Open the board$")
    presses.proposal()
    presses.named("^Put it on the board$")
    presses.named("^Propose facilitators$")
    presses.named("^Ask ")
    others(LOOK_AFTER)
    page.goto(board)
    presses.named("^Confirm and invite 120 people")
    expect(page.get_by_text("The circles are made;")).to_be_visible()
    others(ACCEPT)
    rounds = circles_of(demo)
    for circles in rounds.values():
        assert len({one for circle in circles for one in circle}) == PEOPLE
    met = [frozenset(pair) for circles in rounds.values() for circle in circles for pair in combinations(circle, 2)]
    assert len(met) == len(set(met)), "nobody meets anybody twice"
    assert sorted(rounds) == [1, 2]
    page.context.close()
    assert wrong == []
