"""From 120 people who said yes to published circles in at most twelve presses; then a round in which nobody meets anybody
twice."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import check, enter, follow

pytestmark = pytest.mark.browser
PRESSES_AT_MOST = 12
SECONDS = 150_000

PEOPLE = """
from random import Random
from django.utils import timezone
from accounts.enums import Level
from accounts.models import User
from accounts.services import availability_add
from programmes.enrolment_services import EnrolmentDetails, enrol
from programmes.models import Programme
programme, chance, now = Programme.objects.get(name="Big round"), Random(1), timezone.now()
for at in range(120):
    user = User.objects.create_user(f"big{at}@example.org", None, name=f"Big {at:03}", zone_confirmed=True)
    availability_add(user=user, weekdays=chance.sample(range(5), 4), start=540, end=720, level=Level.GOOD)
    facts = {"function": chance.choice(["Data", "Legal", "Finance", "Estates", "Care"])}
    enrol(programme=programme, user=user, yes=EnrolmentDetails(facts=facts, may_facilitate=at % 2 == 0), now=now)
"""
YES = """
from programmes.asking_services import facilitator_answer
from programmes.models import FacilitatorAsked
from django.utils import timezone
for asked in FacilitatorAsked.objects.filter(round__programme__name="Big round", yes=None):
    facilitator_answer(asked=asked, yes=True, now=timezone.now())
"""
# Everybody took their seat; three months later the circles have closed and all would like another.
CLOSED = """
from django.utils import timezone
from accounts.models import User
from circles.models import Circle, Invitation, Membership
from programmes.models import Enrolment, RoundCircle
now = timezone.now()
made = RoundCircle.objects.filter(round__programme__name="Big round").values("circle")
for one in Invitation.objects.filter(circle__in=made):
    user = User.objects.get(email=one.email)
    Membership.objects.get_or_create(circle=one.circle, user=user, defaults={"joined_at": now})
Circle.objects.filter(pk__in=made).update(closed_at=now)
Enrolment.objects.filter(programme__name="Big round").update(status="enrolled")
"""
NOBODY_TWICE = """
from itertools import combinations
from circles.models import Membership
from programmes.models import Placement, Round, RoundCircle
second = Round.objects.get(programme__name="Big round", number=2)
groups = {}
for circle, user in Membership.objects.filter(
    circle__in=RoundCircle.objects.filter(round__programme=second.programme).values("circle")
).values_list("circle", "user"):
    groups.setdefault(circle, []).append(user)
met = {frozenset(pair) for group in groups.values() for pair in combinations(group, 2)}
now = {}
for draft, user in Placement.objects.filter(round=second).values_list("draft", "enrolment__user"):
    now.setdefault(draft, []).append(user)
again = [pair for group in now.values() for pair in combinations(group, 2) if frozenset(pair) in met]
assert len(met) > 200 and sum(map(len, now.values())) > 110 and not again, (len(met), now, again)
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


def proposed(presses: Presses) -> None:
    """Propose, wait while it is worked out, put it on the board."""
    presses.named("^Propose circles$")
    expect(presses.page.get_by_role("button", name="Put it on the board")).to_be_visible(timeout=SECONDS)
    presses.named("^Put it on the board$")


def test_120_people_are_in_published_circles_by_twelve_presses_and_then_meet_nobody_twice(
    browser: Browser, demo: Site, shots: Path
) -> None:
    page = enter(browser, demo, "dana@example.org", "desk", "light")
    # Thirty circles with their dates and invitations are made in one transaction: on a busy machine that takes a while.
    page.set_default_timeout(SECONDS)
    page.goto("/programmes/start/")
    page.get_by_label("Name of the programme").fill("Big round")
    follow(page.get_by_role("button", name="Set it up"))
    board = page.url.replace("/people/", "/forming/")
    demo.manage("shell", "-c", PEOPLE, wait=True)
    presses = Presses(page)
    page.goto(board)
    page.get_by_label("The circles first meet in the week from").fill("2027-09-06")
    presses.named("^Open the board$")
    presses.named("^Propose circles$")
    expect(page.get_by_text("Best so far:")).to_be_visible(timeout=SECONDS)
    wrong = check(page, "mixing-progress", shots)
    expect(page.get_by_role("button", name="Put it on the board")).to_be_visible(timeout=SECONDS)
    wrong += check(page, "mixing-proposal", shots)
    presses.named("^Put it on the board$")
    presses.named("^Propose facilitators$")
    wrong += check(page, "mixing-board", shots)
    presses.named("^Ask ")
    demo.manage("shell", "-c", YES, wait=True)
    page.goto(board)
    presses.named("^Confirm and invite ")
    expect(page.get_by_text("The circles are made;")).to_be_visible()
    assert presses.number <= PRESSES_AT_MOST

    demo.manage("shell", "-c", CLOSED, wait=True)
    page.goto(board)
    page.get_by_label("The circles first meet in the week from").fill("2027-12-06")
    presses.named("^Open the board$")
    page.goto(board + "rules/")
    page.get_by_role("group", name="People who have not met").get_by_label("must").check()
    presses.named("^Save$")
    proposed(presses)
    demo.manage("shell", "-c", NOBODY_TWICE, wait=True)
    page.context.close()
    assert wrong == []
