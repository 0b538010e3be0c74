"""From 120 people who said yes to published circles in at most twelve presses."""

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


class Presses:
    """Counts what an administrator presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def press(self, button: Locator) -> None:
        follow(button)
        self.number += 1

    def named(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=re.compile(name)))


def test_120_people_are_in_published_circles_by_twelve_presses(browser: Browser, demo: Site, shots: Path) -> None:
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
    page.evaluate("scrollTo(0, 0)")  # what lies half under the bar of places is no smaller for it
    wrong += check(page, "mixing-board", shots)
    presses.named("^Ask ")
    demo.manage("shell", "-c", YES, wait=True)
    page.goto(board)
    presses.named("^Confirm and invite ")
    expect(page.get_by_text("The circles are made;")).to_be_visible()
    assert presses.number <= PRESSES_AT_MOST
    page.context.close()
    assert wrong == []
