"""The rhythm of a circle in several browsers: a series, a question about a role, a poll, leave, the bell, one click out."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import check, enter, follow
from tests.browser.test_pages import circle_pages

pytestmark = pytest.mark.browser


def plan(page: Page, day: str, *, weeks: str, number: str) -> None:
    page.get_by_label("Date", exact=True).fill(day)
    page.get_by_label("Starts at").fill("16:00")
    page.get_by_label("Repeat").select_option(weeks)
    page.get_by_label("How many sessions").fill(number)


def under_the_bell(page: Page, what: str) -> None:
    """Look until it is there: what others did is told by the outbox, after whatever waits before it."""
    heading = page.get_by_role("heading", name=what).first
    for _look in range(120):
        page.goto("/notices/")
        if heading.count():
            break
        page.wait_for_timeout(500)
    expect(heading).to_be_visible()


def test_a_series_from_the_preview_to_the_members_bells(browser: Browser, demo: Site, shots: Path) -> None:
    """Priya plans three dates over a change of clocks; Leila in Toronto sees her own hours; nobody is asked twice."""
    host = enter(browser, demo, "priya@example.org", "desk", "light")
    leila = enter(browser, demo, "leila@example.org", "phone", "dark")
    host.goto(circle_pages(demo)["circle-sessions"])
    follow(host.get_by_role("link", name="Schedule sessions"))
    plan(host, "2028-03-02", weeks="2", number="3")
    follow(host.get_by_role("button", name="Show the dates"))
    table = host.get_by_role("region", name="Dates in everybody’s own time")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(host.get_by_text("For Leila it is 1 h later on one of these dates")).to_be_visible()
    wrong = check(host, "series-preview-desk-light", shots)
    follow(host.get_by_role("button", name="Schedule 3 sessions"))
    expect(host.get_by_text("3 sessions are planned.")).to_be_visible()

    under_the_bell(leila, "Several sessions were scheduled")
    wrong += check(leila, "notices-phone-dark", shots)
    follow(leila.get_by_role("button", name=re.compile("Several sessions were scheduled")).first)
    follow(leila.get_by_role("link", name=re.compile("^12:00.*16 March 2028")))
    expect(leila.get_by_role("heading", level=1)).to_contain_text("12:00")
    follow(leila.get_by_role("button", name="I cannot"))
    expect(leila.get_by_role("button", name="I cannot")).to_have_attribute("aria-pressed", "true")

    host.goto(circle_pages(demo)["circle-sessions"])
    follow(host.get_by_role("link", name=re.compile("16 March 2028")).first)
    follow(host.get_by_role("link", name="Date and format"))
    host.get_by_text("this and all that follow", exact=True).click()
    host.get_by_label("Starts at").fill("17:30")
    follow(host.get_by_role("button", name="Save the change"))
    expect(host.get_by_text("2 sessions are changed.")).to_be_visible()
    under_the_bell(leila, "Several sessions were moved")
    for page in (host, leila):
        page.context.close()
    assert wrong == []


def test_a_role_is_asked_for_in_one_browser_and_taken_in_another(browser: Browser, demo: Site, shots: Path) -> None:
    asked = enter(browser, demo, "priya@example.org", "phone", "light")
    asked.goto("/")
    question = asked.get_by_role("listitem").filter(has_text=re.compile("asks you to be")).first
    who = re.match(r"\s*(\w+) asks", question.inner_text())
    assert who
    asking = enter(browser, demo, f"{who[1].lower()}@example.org", "desk", "dark")
    asking.goto(circle_pages(demo)["session-of-series"])
    expect(asking.get_by_role("button", name="Take the question back")).to_be_visible()
    wrong = check(asking, "swap-asking-desk-dark", shots)
    follow(question.get_by_role("button", name="Yes, I take it"))
    expect(asked.get_by_text("The role is yours. Thank you.")).to_be_visible()
    asking.goto("/notices/")
    expect(asking.get_by_role("heading", name="Your question about a role was answered")).to_be_visible()
    for page in (asked, asking):
        page.context.close()
    assert wrong == []


def test_a_poll_and_leave_without_script_and_by_keyboard(browser: Browser, demo: Site) -> None:
    page = enter(browser, demo, "ruth@example.org", "desk", "light", script=False)
    page.goto(circle_pages(demo)["poll"])
    for times in page.get_by_role("radiogroup").all():
        times.get_by_label("possible").check()
    follow(page.get_by_role("button", name="Save my answers"), "Enter")
    expect(page.get_by_text("Saved. You can change it while the poll is open.")).to_be_visible()
    page.goto("/account/times/")
    page.get_by_label("Monday").check()
    follow(page.get_by_role("button", name="Add it"), "Enter")
    expect(page.get_by_text("09:00–17:00 good")).to_be_visible()
    page.locator("#away_first_on").fill("2028-03-01")
    follow(page.get_by_role("button", name="Add these days"))
    expect(page.get_by_role("button", name="I am there after all")).to_be_visible()
    page.context.close()


def test_one_click_out_of_a_mail_that_really_came(browser: Browser, demo: Site) -> None:
    """The address in a mail's head: looked at by a scanner, then pressed by its reader, without signing in."""
    host = enter(browser, demo, "priya@example.org", "desk", "light")
    host.goto(circle_pages(demo)["schedule"])
    plan(host, "2028-06-01", weeks="once", number="1")
    follow(host.get_by_role("button", name="Schedule", exact=True))
    mail = demo.sink.wait_for("tomasz@example.org", "meets on Thursday 1 June 2028")
    link = str(mail["List-Unsubscribe"]).strip(" <>")
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.reload()
    follow(page.get_by_role("button", name="No more of these"))
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    context.close()
    tomasz = enter(browser, demo, "tomasz@example.org", "desk", "light")
    circle = circle_pages(demo)["circle"].split("/")[2]
    tomasz.goto(f"/account/notices/?circle={circle}")
    expect(tomasz.get_by_label("New dates: sessions scheduled: how", exact=True)).to_have_value("bell")
    moved = tomasz.get_by_label("Dates that do not hold: sessions moved, cancelled: how", exact=True)
    expect(moved).to_have_value("")
    for one in (host, tomasz):
        one.context.close()
