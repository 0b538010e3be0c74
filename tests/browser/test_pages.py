"""Every page in Chromium: axe finds nothing, nothing overflows, in light and dark, on a desk and on a phone."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_server import Site
from tests.browser.looking import SIZES, THEMES, check, enter, follow, password_of

pytestmark = pytest.mark.browser
STYLES = Path(__file__).resolve().parents[2] / "static" / "css"

VISITOR = {
    "welcome": "/",
    "sign-in": "/sign/login/",
    "sign-up": "/sign/signup/",
    "code": "/sign/login/code/",
    "reset": "/sign/password/reset/",
    "slip-code": "/join/",
    "who-sees-what": "/who-sees-what/",
    "help": "/help/",
    "missing": "/no/such/page/",
    "invitation-gone": "/invitation/",
    "closed": "/sign/inactive/",
}


def circle_pages(site: Site) -> dict[str, str]:
    details = json.loads((site.folder / "demo.json").read_text())
    alder, heads = (circle["path"].removeprefix(site.address) for circle in details["circles"])
    session = details["sessions"][0]["path"].removeprefix(site.address)
    series = details["sessions"][2]["path"].removeprefix(site.address)
    prepared, held = (details["sessions"][at]["path"].removeprefix(site.address) for at in (1, 3))
    lent, asked = (one["path"].removeprefix(site.address) for one in details["shelf"])
    promise = details["commitments"][0]["path"].removeprefix(site.address)
    return {
        "today": "/",
        "circles": "/circles/",
        "start": "/circles/start/",
        "start-together": "/circles/start/together/",
        "journeys": "/journeys/",
        "journey": "/journeys/first_six/",
        "circle": alder,
        "circle-sessions": f"{alder}sessions/",
        "circle-commitments": f"{alder}commitments/",
        "circle-more": f"{alder}more/",
        "circle-seen": f"{alder}seen/",
        "people": f"{heads}people/",
        "slips": f"{alder}people/slips/",
        "settings": f"{alder}settings/",
        "leave": f"{alder}leave/",
        "word": f"{alder}word/",
        "goals": f"{alder}goals/",
        "coming-plan": f"{alder}coming/",
        "together": f"{alder}together/",
        "journey-import": f"{alder}journeys/import/",
        "circle-journey": f"{heads}journey/",
        "circle-journey-take": f"{alder}journey/",
        "pairs": f"{alder}pairs/",
        "shelf": "/shelf/",
        "sentences": "/shelf/sentences/",
        "circle-shelf": f"{alder}shelf/",
        "shelf-item": lent,
        "shelf-asked": asked,
        "shelf-bring": f"{alder}shelf/bring/",
        "lend": f"{alder}shelf/lend/",
        "circle-sentences": f"{alder}sentences/",
        "agreement": f"{alder}agreement/",
        "agreement-print": f"{alder}agreement/print/",
        "agreement-version": f"{alder}agreement/versions/2/",
        "agreement-hard": f"{alder}agreement/when-hard/",
        "propose": f"{alder}agreement/propose/add/",
        "propose-rule": f"{alder}agreement/propose/rule/",
        "proposal": details["proposals"][0]["path"].removeprefix(site.address),
        "session-with-guest": details["sessions"][1]["path"].removeprefix(site.address),
        "schedule": f"{alder}sessions/schedule/",
        "session": session,
        "session-of-series": series,
        "series-edit": f"{series}edit/",
        "series-cancel": f"{series}cancel/",
        "find-time": f"{alder}times/",
        "poll-start": f"{alder}times/poll/",
        "poll": details["polls"][0]["path"].removeprefix(site.address),
        "notices": "/notices/",
        "preferences": "/account/notices/",
        "preferences-circle": f"/account/notices/?circle={alder.split('/')[2]}",
        "day": "/account/notices/day/",
        "times": "/account/times/",
        "session-edit": f"{session}edit/",
        "session-cancel": f"{session}cancel/",
        "preparation": f"{prepared}preparation/",
        "hosted": f"{held}hosted/",
        "lobby": f"{session}live/",
        "commitments": "/commitments/",
        "commitment-add": f"{alder}commitments/add/",
        "commitment": promise,
        "commitment-change": f"{promise}change/",
        "commitment-move": f"{promise}move/",
        "appointment": f"{promise}appointment/",
        "account": "/account/",
        "account-delete": "/account/delete/",
        "own-words": "/account/words/",
        "export": "/account/export/",
        "calendar": "/calendar/",
        "profile": "/account/profile/",
        "email": "/sign/email/",
        "password": "/sign/password/change/",
        "devices": "/sign/sessions/",
        "second-step": "/sign/2fa/",
    }


def programme_pages(site: Site) -> tuple[dict[str, str], dict[str, str]]:
    """What an administrator of the programme opens, and what somebody in it does."""
    details = json.loads((site.folder / "demo.json").read_text())
    programme = details["programmes"][0]["path"]
    alder = details["circles"][0]["path"].removeprefix(site.address)
    leads = (
        "",
        "people/",
        "people/import/",
        "forming/",
        "late/",
        "pulses/",
        "evaluation/",
        "facilitators/",
        "report/",
        "settings/",
        "journey/",
    )
    return (
        {"programmes": "/programmes/", "programme-start": "/programmes/start/"}
        | {f"programme-{path.strip('/').replace('/', '-') or 'overview'}": programme + path for path in leads},
        {
            "programme-mine": f"{programme}mine/",
            "programme-note": f"{programme}mine/note/",
            "programme-join": f"{programme}join/",
            "circle-pulse": f"{alder}pulse/",
            "decide": f"{alder}decide/",
            "facilitating": "/facilitating/",
        },
    )


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_programme(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    wrong = []
    for email, pages in zip(("dana@example.org", "amara@example.org"), programme_pages(demo), strict=True):
        page = enter(browser, demo, email, size, theme)
        for name, path in pages.items():
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, name
            wrong += check(page, f"{name}-{size}-{theme}", shots)
        if email.startswith("dana"):
            page.goto(programme_pages(demo)[0]["programme-forming"])
            page.locator(".mini summary").first.click()
            page.locator('.mini input[name="who"]').first.check()
            expect(page.get_by_role("status").filter(has_text="They are there already.")).to_be_visible()
            page.evaluate("scrollTo(0, 0)")  # what lies half under the bar of places is no smaller for it
            wrong += check(page, f"programme-move-{size}-{theme}", shots)
            follow(page.get_by_role("link", name="name, facilitator, first date").first)
            wrong += check(page, f"programme-draft-{size}-{theme}", shots)
            page.goto(programme_pages(demo)[0]["programme-overview"])
            follow(page.get_by_role("link", name="Hazel").first)
            wrong += check(page, f"programme-circle-{size}-{theme}", shots)
            page.goto(programme_pages(demo)[0]["programme-pulses"])
            follow(page.get_by_role("link", name="Change the days").first)
            wrong += check(page, f"programme-pulse-days-{size}-{theme}", shots)
        else:
            page.goto("/")
            follow(page.get_by_role("link", name="Answer", exact=True).last)
            expect(page.get_by_role("heading", name="How is it in our circle?")).to_be_visible()
            follow(page.get_by_role("button", name="Give my answers"))
            wrong += check(page, f"pulse-answer-{size}-{theme}", shots)
        page.context.close()
    assert wrong == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_parts(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    """Each part of the interface once: what is wrong with one is wrong on many pages."""
    page = enter(browser, demo, "", size, theme)
    page.goto("/_parts/")
    expect(page.get_by_role("heading", name="Parts", exact=True)).to_be_visible()
    wrong = check(page, f"parts-{size}-{theme}", shots)
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_visitor(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    page = enter(browser, demo, "", size, theme)
    wrong = []
    for name, path in VISITOR.items():
        page.goto(path)
        wrong += check(page, f"{name}-{size}-{theme}", shots)
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_facilitator(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    page = enter(browser, demo, "priya@example.org", size, theme)
    page.goto("/account/delete/")
    wrong = check(page, f"reauthenticate-{size}-{theme}", shots)
    page.get_by_label("Password").fill(password_of(demo))
    follow(page.get_by_role("button").filter(has_text="Confirm"))
    for name, path in circle_pages(demo).items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, name
        wrong += check(page, f"{name}-{size}-{theme}", shots)
    page.goto("/circles/start/")
    follow(page.get_by_role("button", name="Start the circle"))
    expect(page.locator("#wrongs")).to_be_focused()
    wrong += check(page, f"start-wrong-{size}-{theme}", shots)
    page.goto(circle_pages(demo)["schedule"])
    follow(page.get_by_role("button", name="Show the dates"))
    expect(page.get_by_role("region", name="Dates in everybody’s own time")).to_be_visible()
    wrong += check(page, f"schedule-preview-{size}-{theme}", shots)
    page.get_by_label("Repeat").select_option("1")
    page.get_by_label("How many sessions").fill("")
    follow(page.get_by_role("button", name="Show the dates"))
    expect(page.locator("#wrongs")).to_be_focused()
    wrong += check(page, f"schedule-wrong-{size}-{theme}", shots)
    page.goto(circle_pages(demo)["circle-sessions"])
    past = page.locator("section", has=page.get_by_role("heading", name="Held")).get_by_role("link").last
    follow(past)
    wrong += check(page, f"session-past-{size}-{theme}", shots)
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize(("size", "theme"), [("desk", "light"), ("phone", "dark")])
def test_an_invitation_and_a_departure(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    """The page an invited person sees, and an administrator saying by keyboard that somebody has left."""
    page = enter(browser, demo, "priya@example.org", size, theme)
    page.goto(circle_pages(demo)["people"])
    page.locator("textarea[name=people]").fill(f"grace.{size}@example.org")
    follow(page.get_by_role("button", name="Send invitations"))
    link = page.get_by_label("Link for grace").input_value()
    wrong = check(page, f"people-links-{size}-{theme}", shots)
    visitor = enter(browser, demo, "", size, theme)
    visitor.goto(link)
    expect(visitor.get_by_role("link", name="Sign in to accept")).to_be_visible()
    wrong += check(visitor, f"invitation-{size}-{theme}", shots)
    summary = page.locator("summary", has_text="More for").last
    summary.press("Enter")
    wrong += check(page, f"people-end-{size}-{theme}", shots)
    leads = enter(browser, demo, "dana@example.org", size, theme)
    leads.goto(programme_pages(demo)[0]["programme-people"])
    follow(leads.get_by_role("link", name="Has left?").first, "Enter")
    expect(leads.get_by_role("heading", name="left the organisation?")).to_be_visible()
    wrong += check(leads, f"person-left-{size}-{theme}", shots)
    follow(leads.get_by_role("button", name="They have left"), "Enter")
    expect(leads.get_by_text("Tick that you are sure first.")).to_be_visible()
    follow(leads.get_by_role("link", name="Change nothing"))
    expect(leads).to_have_url(re.compile("/people/"))
    for one in (page, visitor, leads):
        one.context.close()
    assert wrong == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_outbox_page_of_an_administrator(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    page = enter(browser, demo, "dana@example.org", size, theme)
    page.goto("/outbox/")
    expect(page.get_by_role("heading", name="Mail delivery")).to_be_visible()
    wrong = check(page, f"outbox-{size}-{theme}", shots)
    page.context.close()
    assert wrong == []


def test_the_live_views(browser: Browser, demo: Site, shots: Path) -> None:
    """Host on a desk and member on a phone, running, mine, paused; then check-out. Runs last: it starts the session."""
    live = circle_pages(demo)["session"] + "live/"
    people = {
        "host": enter(browser, demo, "priya@example.org", "desk", "light"),
        "timekeeper": enter(browser, demo, "leila@example.org", "phone", "dark"),
        "member": enter(browser, demo, "amara@example.org", "phone", "light"),
        "desk-dark": enter(browser, demo, "tomasz@example.org", "desk", "dark"),
    }
    for page in people.values():
        page.goto(live)
    host = people["host"]
    # Whoever opens the lobby is ticked there by itself: a press in the same moment would take that back.
    expect(host.locator('input[name="here"]:checked')).to_have_count(len(people))
    for tick in host.locator('input[name="here"]').all():
        tick.check()
    host.get_by_role("button", name=re.compile("^Start")).click()
    wrong: list[str] = []
    for step in range(1, 12):
        for page in people.values():
            expect(page.locator(f'[data-clock][data-seq="{step}"]')).to_have_count(1)
        if step in (1, 2, 3, 7, 8, 9):
            for who, page in people.items():
                wrong += check(page, f"live-{step:02}-{who}", shots)
        host.locator("#room").get_by_role("button", name="Next").click()
    expect(host.locator('[data-clock][data-seq="12"]')).to_have_count(1)
    people["member"].locator("#room").get_by_role("button", name=re.compile("^Pause")).click()
    for who, page in people.items():
        expect(page.get_by_text("Paused for all of us. Nobody")).to_be_visible()
        wrong += check(page, f"live-paused-{who}", shots)
    for who in ("host", "desk-dark", "member"):
        for view in people[who].locator("#view input").all():
            view.check()
            wrong += check(people[who], f"live-{view.get_attribute('id')}-{who}", shots)
        people[who].goto(f"{live}shared/")
        expect(people[who].get_by_text("Shared screen: no words of anybody")).to_be_visible()
        wrong += check(people[who], f"live-shared-{who}", shots)
    people["member"].goto(live.replace("/live/", "/check-out/"))
    wrong += check(people["member"], "check-out-phone-light", shots)
    for page in people.values():
        page.context.close()
    assert wrong == []


def test_looking_finds_what_is_wrong_and_keeps_a_picture(browser: Browser, shots: Path) -> None:
    """Else a page without faults and one that nobody looks at are the same."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(
        '<html lang="en"><title>A page</title><body style="margin: 0"><main><h1>A page</h1><img src="x">'
        '<p style="color: #bbb; background: #fff">pale</p><p style="width: 500px">wide</p></main>'
    )
    found = check(page, "wrong", shots)
    page.close()
    assert [line.split()[1] for line in found] == ["color-contrast", "image-alt", "110", "color-contrast"]
    for kept in ("wrong.png", "wrong-in-dark.png"):
        assert (shots / kept).stat().st_size > 0


def test_themes_differ_by_colours_alone() -> None:
    """What asks for a theme sets the scheme of its colours and nothing else, so that one look at all the rest is enough."""
    parts = re.split(r"[{}]", "".join(one.read_text() for one in sorted(STYLES.glob("*.css"))))
    set_for_a_theme = [
        parts[at + 1].strip() for at, part in enumerate(parts) if re.search("data-theme|#theme-|prefers-color", part)
    ]
    assert set_for_a_theme == ["color-scheme: light;", "color-scheme: dark;"]


def test_the_main_pages_by_keyboard(browser: Browser, demo: Site) -> None:
    """Skip link first; every stop on the way is visible and named; a role choice needs no pointer."""
    page = enter(browser, demo, "priya@example.org", "desk", "light")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _stop in range(14):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const e = document.activeElement, r = e.getBoundingClientRect();"
            "return [e.tagName, r.width > 0 && r.height > 0, (e.ariaLabel || e.innerText || e.labels?.[0]?.innerText || '').trim().length > 0] })()"
        )
        assert seen[1:] == [True, True] or seen[0] == "BODY", seen
    page.context.close()


def test_pages_work_without_script(browser: Browser, demo: Site) -> None:
    page = enter(browser, demo, "ewan@example.org", "desk", "light", script=False)
    page.goto(circle_pages(demo)["agreement"])
    page.get_by_label("I have read it and I will keep to it.").check()
    follow(page.get_by_role("button", name="Sign as Ewan Macleod"))
    expect(page.get_by_text("Signed. Thank you.")).to_be_visible()
    page.locator("label", has_text="Dark").click()
    follow(page.get_by_role("button", name="Use this"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(circle_pages(demo)["session"] + "live/")
    follow(page.get_by_role("button", name="Pause for all").or_(page.get_by_role("button", name="Go on")).first)
    expect(page.locator("#live")).to_be_visible()
    page.context.close()
