"""A programme in several browsers: set up, asked for, made into a circle by keyboard and by dragging, said yes to."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Site, words_of
from tests.browser.looking import check, enter, follow

pytestmark = pytest.mark.browser
PEOPLE = ("amara", "tomasz", "leila")


IN_THREE_DAYS = """
from datetime import timedelta
from django.utils import timezone
from circles.change_services import changes_take_effect
changes_take_effect(now=timezone.now() + timedelta(days=3, minutes=1))
"""


def set_up(page: Page) -> str:
    """A small programme of circles of three, with session 0; the address of its own page."""
    page.goto("/account/")
    follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Programmes"))
    follow(page.get_by_role("link", name="Set a programme up"))
    page.get_by_label("Name of the programme").fill("Spring round")
    page.locator("summary", has_text="What its circles are like").click()
    page.get_by_label("Smallest circle").fill("3")
    page.get_by_label("Largest circle").fill("2")
    follow(page.get_by_role("button", name="Set it up"))
    expect(page.get_by_role("alert").get_by_text("The largest size must be at least the smallest, 3.")).to_be_visible()
    page.get_by_label("Largest circle").fill("4")
    follow(page.get_by_role("button", name="Set it up"))
    expect(page.get_by_text("Set up. Now people can be invited.")).to_be_visible()
    return page.get_by_label("Address of the page").input_value()


def ask_for_a_place(page: Page, address: str, manager: str = "") -> None:
    page.goto(address)
    page.get_by_label("Why would you like to take part?").fill("To think aloud.")
    if manager:
        page.get_by_label("Email address of your line manager").fill(manager)
    follow(page.get_by_role("button", name="Yes, I would like to take part"))
    expect(page.get_by_text("Thank you. You hear from the programme by mail.")).to_be_visible()


def test_from_setting_a_programme_up_to_a_circle_of_its_own(browser: Browser, demo: Site, shots: Path) -> None:
    dana = enter(browser, demo, "dana@example.org", "desk", "light")
    address = set_up(dana)
    pages = {name: enter(browser, demo, f"{name}@example.org", "phone", "dark") for name in PEOPLE}
    for name, page in pages.items():
        ask_for_a_place(page, address, "petra@example.org" if name == "leila" else "")
    follow(dana.get_by_role("navigation", name="Spring round").get_by_role("link", name="Circles"))
    dana.get_by_label("The circles first meet in the week from").fill("2027-09-06")
    follow(dana.get_by_role("button", name="Open the board"))
    pot = dana.locator(".pots [data-draft]").first
    # Two by dragging, one by keyboard: before somebody is dropped the page says what it gains and costs.
    for name in ("Amara Okafor", "Tomasz Wieczorek"):
        dana.locator("#unplaced [data-person]", has_text=name).drag_to(pot)
        expect(pot.get_by_text(name, exact=True)).to_be_visible()
    dana.get_by_role("checkbox", name=re.compile("Leila Haddad")).focus()
    dana.keyboard.press("Space")
    expect(dana.get_by_role("status").filter(has_text="would have 3 people")).to_be_visible()
    dana.get_by_label("Move them to").focus()
    dana.keyboard.press("Tab")
    dana.keyboard.press("Enter")
    expect(pot.get_by_text("Leila Haddad", exact=True)).to_be_visible()
    follow(dana.get_by_role("button", name="Undo the last move"))
    expect(dana.get_by_text("1 person is back where they were.")).to_be_visible()
    dana.get_by_role("checkbox", name=re.compile("Leila Haddad")).check()
    follow(dana.get_by_role("button", name="Move", exact=True))
    expect(dana.get_by_text("1 person moved to")).to_be_visible()
    wrong = check(dana, "journey-board-desk-light", shots)
    expect(dana.get_by_role("button", name=re.compile("Confirm and invite"))).to_have_count(0)
    follow(pot.get_by_role("link", name="Name, facilitator, first date"))
    dana.get_by_label("Name", exact=True).fill("Spring circle")
    dana.get_by_label("Looks after it").select_option(label="Tomasz Wieczorek")
    dana.get_by_label("First session on").fill("2027-09-08")
    dana.get_by_label("at", exact=True).fill("13:00")
    follow(dana.get_by_role("button", name="Save", exact=True))

    # Nobody looks after a circle without their own yes.
    wrong += check(dana, "journey-board-to-ask-desk-light", shots)
    follow(dana.get_by_role("button", name="Ask 1 person"))
    expect(dana.get_by_role("button", name=re.compile("Confirm and invite"))).to_have_count(0)
    mail = demo.sink.wait_for("tomasz@example.org", "asks whether you would look after a circle of Spring round")
    asked = re.search(r"https?://\S+/look-after/\S+", words_of(mail))
    assert asked
    tomasz = pages["tomasz"]
    tomasz.goto(asked.group(0))
    wrong += check(tomasz, "journey-look-after", shots)
    follow(tomasz.get_by_role("button", name="Yes, I look after one"))
    expect(tomasz.get_by_text("You have said yes.")).to_be_visible()
    dana.reload()
    follow(dana.get_by_role("button", name="Confirm and invite 3 people"))
    expect(dana.get_by_text("The circles are made; 3 people are invited.")).to_be_visible()
    expect(dana.get_by_role("table").first.get_by_text("8 Sep", exact=True)).to_be_visible()

    mail = demo.sink.wait_for("amara@example.org", "Tomasz Wieczorek invites you to Spring circle")
    link = re.search(r"https?://\S+/invitation/\S+", words_of(mail))
    assert link
    amara = pages["amara"]
    amara.goto(link.group(0))
    follow(amara.get_by_role("button", name="Join the circle"))
    expect(amara.get_by_text("You are in. Welcome to Spring circle.")).to_be_visible()
    amara.goto("/programmes/")
    follow(amara.get_by_role("link", name="Spring round"))
    expect(amara.get_by_text("Your circle is Spring circle.")).to_be_visible()
    expect(amara.get_by_text("Session 0, to practise")).to_be_visible()
    wrong += check(amara, "journey-mine-phone-dark", shots)
    for page in (dana, *pages.values()):
        page.context.close()
    assert wrong == []


def test_a_circle_decides_and_closes_well(browser: Browser, demo: Site, shots: Path) -> None:
    """Heads has held one of six; a promise of one makes it due. Three people say it, Priya writes it down and closes."""
    priya = enter(browser, demo, "priya@example.org", "desk", "dark")
    priya.goto("/circles/")
    follow(priya.get_by_role("link", name="New heads, Leeds"))
    heads = priya.url
    priya.goto(f"{heads}settings/")
    priya.locator("summary", has_text="What all of you rely on").click()
    priya.get_by_label("How many sessions do you promise each other?").fill("1")
    follow(priya.get_by_role("button", name="Save"))
    # What all of them promised each other is announced, and in force three days later: as if those were over.
    demo.manage("shell", "-c", IN_THREE_DAYS, wait=True)
    wrong = []
    for email in ("sam@example.org", "ruth@example.org"):
        page = enter(browser, demo, email, "phone", "light")
        page.goto(heads)
        follow(page.get_by_role("link", name="Decide together", exact=True))
        page.get_by_text("Close well").click()
        follow(page.get_by_role("button", name="Say it"))
        wrong += check(page, f"journey-decide-{email.split('@')[0]}", shots)
        page.context.close()
    priya.goto(f"{heads}decide/")
    follow(priya.get_by_role("button", name="Write it down as decided"))
    expect(priya.get_by_role("heading", name="Closing well")).to_be_visible()
    priya.get_by_label("What I thank you for").fill("For every question.")
    follow(priya.get_by_role("button", name="Share with the circle"))
    wrong += check(priya, "journey-closing-desk-dark", shots)
    priya.locator("summary", has_text="Close it").click()
    follow(priya.get_by_role("button", name="Yes, close the circle"))
    expect(priya.get_by_text("The circle is closed. Thank you for looking after it.")).to_be_visible()
    priya.goto("/circles/")
    expect(priya.get_by_role("heading", name="Closed")).to_be_visible()
    wrong += check(priya, "journey-circles-closed", shots)
    priya.context.close()
    assert wrong == []


TWELVE_SENTENCES = """
from django.utils import timezone
from programmes.enrolment_services import quote_offer
from programmes.models import Enrolment
rows = list(Enrolment.objects.filter(programme__name__contains="NAME").select_related("user", "programme")[:12])
assert len(rows) == 12, len(rows)
text = "I brought a thing that I had carried around for a year, and went home with a next step for the Monday after. "
for row in rows:
    quote_offer(programme=row.programme, user=row.user, text=2 * text, with_name=False, now=timezone.now())
"""


def test_an_evaluation_with_twelve_sentences_prints_on_one_sheet(browser: Browser, demo: Site) -> None:
    dana = enter(browser, demo, "dana@example.org", "desk", "dark")
    evaluation = json.loads((demo.folder / "demo.json").read_text())["programmes"][0]["path"] + "evaluation/"
    dana.goto(evaluation)
    name = dana.get_by_role("heading", level=1).inner_text()
    demo.manage("shell", "-c", TWELVE_SENTENCES.replace("NAME", name), wait=True)
    dana.reload()
    expect(dana.locator("blockquote")).to_have_count(12)
    pages = re.findall(rb"/Type\s*/Page\b", dana.pdf(format="A4", print_background=True))
    dana.context.close()
    assert len(pages) == 1
