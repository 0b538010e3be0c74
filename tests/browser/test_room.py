"""Five people in five browsers through a whole council and a whole two-hour plan, with all that goes wrong on the way.

The formats are test-only: stages of seconds, brought as files. No clock setting exists in the product.
"""

import json
import re
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, expect

from sessions.formats.files import write_file
from tests.browser.live_server import Site
from tests.browser.looking import check, enter, follow, password_of
from tests.browser.shortening import shorten

pytestmark = pytest.mark.browser

SHIPPED = Path(__file__).resolve().parents[2] / "sessions" / "formats"
PEOPLE = {
    "priya": ("desk", "light"),
    "amara": ("phone", "light"),
    "tomasz": ("desk", "dark"),
    "leila": ("phone", "dark"),
    "ewan": ("phone", "light"),
}


def in_seconds(name: str, title: str) -> str:
    """A shipped format with a second for each of its minutes, for two to six people."""
    definition = yaml.safe_load((SHIPPED / "shipped" / name).read_text())
    definition |= yaml.safe_load((SHIPPED / "common_stages.yaml").read_text())
    definition["texts"]["name"]["en"] = title
    definition["people"] = {"least": 2, "most": 6}
    shorten(definition)
    return write_file(definition)


def schedule(page: Page, circle: str, text: str, title: str) -> str:
    """Bring the format, plan a session with it, open the live room; its path."""
    page.goto(f"{circle}formats/import/")
    page.get_by_label("Or paste it here").fill(text)
    follow(page.get_by_role("button", name="Take it over"))
    expect(page.get_by_text("The format is your circle’s now.")).to_be_visible()
    page.goto(f"{circle}sessions/schedule/")
    chosen = page.get_by_role("radio", name=re.compile(f"^{title}"))
    if not chosen.is_visible():  # three are offered at once
        page.locator("#more-formats summary").click()
    chosen.check()
    page.get_by_role("textbox", name="Date").fill("2027-09-09")
    page.get_by_label("Repeat").select_option("once")
    follow(page.get_by_role("button", name="Schedule", exact=True))
    follow(page.get_by_role("link", name="Live room", exact=True))
    expect(page.locator("#live")).to_have_attribute("data-phase", "waiting")
    return page.url


def early(host: Page) -> None:
    """The lobby long before its time shows who is here, and can be started from, once that is asked for."""
    follow(host.get_by_role("link", name="Start early"))
    expect(host.get_by_role("button", name="Start it now, early")).to_be_visible()


def begin(host: Page, here: list[str], presents: list[str]) -> None:
    """Asked for, and then once more."""
    if not host.get_by_role("button", name="Start it now, early").count():
        early(host)
    for name in here:
        host.get_by_label(f"{name} is here").check()
    for name in presents:
        host.get_by_label(f"{name} presents").check()
    host.get_by_role("button", name="Start it now, early").click()


def seq_of(page: Page) -> int:
    return int(page.locator("[data-clock]").get_attribute("data-seq") or -1)


def together(pages: list[Page], seq: int) -> None:
    """All screens show the same step and the same end."""
    for page in pages:
        expect(page.locator(f'[data-clock][data-seq="{seq}"]')).to_have_count(1)
    ends = {page.locator("[data-clock]").get_attribute("data-ends") for page in pages}
    left = {page.locator("[data-clock]").get_attribute("data-left") for page in pages}
    assert (len(ends), len(left)) == (1, 1)


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.locator("#room").get_by_role("button", name=name).first.click()


def open_people(page: Page) -> None:
    page.get_by_role("radio", name="People").check()


def ending(host: Page) -> Locator:
    """What ends the session on its last step: it opens a question."""
    return host.locator("#cmd summary", has_text="End the session")


def end(host: Page, pages: list[Page]) -> None:
    """Ends the session. Every room then loads itself anew: going elsewhere before that would cross it."""
    ending(host).click()
    press(host, "Yes, end it for all of us")
    for page in pages:
        expect(page.locator("[data-clock]")).to_have_count(0)


def to_the_end(host: Page, pages: list[Page]) -> int:
    """Next and next, with everybody at every step. How many steps."""
    steps = 0
    while not ending(host).count():
        seq = seq_of(host)
        press(host, re.compile("^Next"))
        together(pages, seq + 1)
        steps += 1
    end(host, pages)
    return steps


def test_five_people_through_a_council_with_bad_luck(browser: Browser, demo: Site, shots: Path) -> None:
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][0]["path"]
    pages = {name: enter(browser, demo, f"{name}@example.org", *look) for name, look in PEOPLE.items()}
    wrong: list[str] = []
    for page in pages.values():
        page.on("pageerror", lambda error: wrong.append(str(error)))
    priya, amara, tomasz, leila, ewan = pages.values()
    live = schedule(priya, circle, in_seconds("01-council.yaml", "Council in seconds"), "Council in seconds")
    early = [priya, amara, tomasz, leila]
    for page in early[1:]:
        page.goto(live)
    begin(priya, ["Amara", "Tomasz", "Leila"], ["Amara", "Tomasz"])
    together(early, 1)

    # Over time turns the clock on every screen and cuts nothing.
    for page in early:
        expect(page.locator('#live[data-state="over"]')).to_have_count(1, timeout=15_000)
    assert seq_of(priya) == 1

    # Somebody comes late, into the present second.
    ewan.goto(live)
    together([*early, ewan], 1)
    open_people(priya)
    press(priya, "Ewan has come")
    everyone = [*early, ewan]
    together(everyone, 2)

    # Anyone pauses, anyone goes on.
    press(leila, re.compile("^Pause"))
    together(everyone, 3)
    wrong += check(leila, "room-paused-phone-dark", shots)
    press(amara, "Go on")
    together(everyone, 4)

    # In the check-in somebody passes this time and speaks at its end.
    press(priya, re.compile("^Next: Check-in"))
    together(everyone, 5)
    speaking = next(page for page in everyone if page.get_by_role("heading", name="You have the floor").count())
    if speaking.get_by_role("region", name="Session controls").count():
        open_people(speaking)
    press(speaking, "Pass this time")
    together(everyone, 6)
    expect(speaking.get_by_role("heading", name="You have the floor")).to_have_count(0)
    for step in range(4):
        press(priya, re.compile("^Next"))
        together(everyone, 7 + step)
    expect(speaking.get_by_role("heading", name="You have the floor")).to_be_visible()

    # The host hands over, and steers no more.
    open_people(priya)
    priya.get_by_text("Hand over hosting").click()
    press(priya, "To Tomasz")
    together(everyone, 11)
    expect(priya.get_by_role("region", name="Session controls")).to_have_count(0)
    expect(tomasz.get_by_role("region", name="Session controls")).to_be_visible()

    # The server is killed in the middle of a stage: the same stage and the same end, nobody reloads.
    ends = tomasz.locator("[data-clock]").get_attribute("data-ends")
    demo.kill_web()
    expect(ewan.get_by_text("Not connected, trying again.")).to_be_visible(timeout=20_000)
    demo.restart_web()
    expect(ewan.get_by_text("Connected again.")).to_be_visible(timeout=30_000)
    together(everyone, 11)
    assert tomasz.locator("[data-clock]").get_attribute("data-ends") == ends

    # Somebody leaves for good; the rest goes on without them.
    open_people(tomasz)
    press(tomasz, "Leila has left")
    together(everyone, 12)
    assert to_the_end(tomasz, everyone) > 8
    priya.goto(live.removesuffix("live/"))
    expect(priya.get_by_text("5 of 5 came")).to_be_visible()
    expect(priya.get_by_text(re.compile("The time was shared|held the floor much longer"))).to_be_visible()
    wrong += check(priya, "room-past-desk-light", shots)
    assert replays(demo, live)
    for page in pages.values():
        page.context.close()
    assert wrong == []


def replays(site: Site, live: str) -> bool:
    """The log of the session folds to an ended state whose times add up."""
    code = live.rstrip("/").split("/")[-2]
    asked = (
        "from sessions.models import CircleSession; from sessions.live.log_selectors import log_of;"
        "from sessions.rules.runner import replay;"
        f"s = CircleSession.objects.get(code='{code}'); events = log_of(s); state = replay(events);"
        "assert state.phase == 'ended' and state.seq == s.seq == len(events), state;"
        "assert sum(state.spent) <= state.ended_at - state.started_at, state.spent"
    )
    return site.manage("shell", "-c", asked, wait=True).returncode == 0


def test_three_people_through_a_two_hour_plan_with_agreed_minutes(browser: Browser, demo: Site) -> None:
    """One takes twice as long as agreed; a member takes the shared screen along; stopped for the day at the end."""
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][1]["path"]
    looks = {"priya": ("desk", "light"), "sam": ("phone", "light"), "ruth": ("phone", "dark")}
    pages = {name: enter(browser, demo, f"{name}@example.org", *look) for name, look in looks.items()}
    priya, sam, ruth = pages.values()
    streams: list[str] = []
    sam.context.on("request", lambda asked: streams.append(asked.url) if asked.url.endswith("/events") else None)
    live = schedule(priya, circle, in_seconds("03-two_hour.yaml", "Two hours in seconds"), "Two hours in seconds")
    for page in (sam, ruth):
        page.goto(live)
    early(priya)
    priya.get_by_label("Minutes for Sam, empty for an equal share").fill("1")
    begin(priya, ["Sam", "Ruth"], ["Priya", "Sam", "Ruth"])
    everyone = [priya, sam, ruth]
    together(everyone, 1)
    wall = sam.context.new_page()
    wall.goto(f"{live}shared/")
    together([*everyone, wall], 1)
    seq, told = 1, []
    while "What do we" not in priya.locator("#room").inner_text() and seq < 30:
        seen = priya.locator("#now").inner_text()
        told.append(seen if seen != "You have the floor" else priya.locator(".say .muted").first.inner_text())
        if ending(priya).count():
            break
        press(priya, re.compile("^Next"))
        seq += 1
        together([*everyone, wall], seq)
    assert {f"Working on it with {name}" for name in ("Priya", "Sam", "Ruth")} <= set(told)
    press(ruth, re.compile("^Pause"))
    together([*everyone, wall], seq + 1)
    assert len(streams) == 1, "the tabs of one browser share a stream"
    sam.get_by_text("Stop here for today", exact=True).click()
    press(sam, "Yes, end it for all of us")
    for page in everyone:
        expect(page.locator("[data-clock]")).to_have_count(0)
        page.wait_for_load_state("load")
        expect(page.get_by_role("heading", name="What do you take with you?")).to_have_count(0)
    assert replays(demo, live)
    for page in pages.values():
        page.context.close()


def ask(site: Site, words: str) -> str:
    """What an expression of the shell says about the site."""
    out = site.folder / "asked"
    site.manage("shell", "-c", f"from pathlib import Path\nPath({str(out)!r}).write_text(str({words}))", wait=True)
    return out.read_text()


def test_every_role_has_its_view_and_a_guest_comes_in_by_a_link(browser: Browser, demo: Site, shots: Path) -> None:
    """Host beside a call, timekeeper, presenter, member, scribe, guest and the shared screen, in both themes."""
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][1]["path"]
    priya = enter(browser, demo, "priya@example.org", "desk", "light")
    priya.set_viewport_size({"width": 480, "height": 860})
    sam = enter(browser, demo, "sam@example.org", "phone", "dark")
    ruth = enter(browser, demo, "ruth@example.org", "phone", "light")
    live = schedule(priya, circle, in_seconds("01-council.yaml", "Views in seconds"), "Views in seconds")
    page = live.removesuffix("live/")
    priya.goto(page)
    priya.get_by_text("Invite a guest").click()
    priya.get_by_label("Name of the guest").fill("Nadia, from sales")
    priya.get_by_label("Email address").fill("nadia@example.org")
    follow(priya.get_by_role("button", name="Invite", exact=True))
    expect(priya.get_by_text("The members are asked first")).to_be_visible()
    sam.goto(page)
    expect(sam.get_by_role("button", name=re.compile("I would rather not"))).to_be_visible()
    token = ask(
        demo,
        "__import__('sessions.models', fromlist=['x']).GuestPass.objects.get(email='nadia@example.org').secret",
    )
    guest = enter(browser, demo, "", "phone", "dark")
    guest.goto(f"/guest/{token}/")
    wrong = check(guest, "guest-door-phone-dark", shots)
    guest.get_by_label("Your name, as the circle will see it").fill("Nadia Noor")
    guest.get_by_label("Choose a password").fill("three plain words")
    follow(guest.get_by_role("button", name="I come as a guest"))
    wrong += check(guest, "guest-session-phone-dark", shots)
    guest.get_by_label("I have read it and I will keep to it.").check()
    follow(guest.get_by_role("button", name="Sign as Nadia Noor"))
    follow(guest.get_by_role("link", name="Go to the live room"))
    everyone = [priya, sam, ruth, guest]
    for one in everyone:
        one.goto(live)
    wrong += check(guest, "room-lobby-guest-phone-dark", shots)
    begin(priya, ["Sam", "Ruth", "Nadia"], ["Priya", "Sam"])
    together(everyone, 1)
    wall = priya.context.new_page()
    wall.goto(f"{live}shared/")
    seq, seen = 1, set()
    while not ending(priya).count():
        stage = priya.locator("#strip b").inner_text().split(" ")[0]
        if stage not in seen:
            seen.add(stage)
            for name, one in (("host-480", priya), ("member", ruth), ("keeper", sam), ("guest", guest), ("wall", wall)):
                wrong += check(one, f"view-{name}-{len(seen)}", shots)
        press(priya, re.compile("^Next"))
        seq += 1
        together([*everyone, wall], seq)
    assert len(seen) > 4
    expect(priya.locator("#out")).to_have_count(1)
    expect(guest.locator("#out")).to_have_count(0)
    end(priya, everyone)
    ruth.goto(f"{page}check-out/")
    wrong += check(ruth, "check-out-small-circle-phone-light", shots)
    guest.goto(page)
    expect(guest.get_by_text("Thank you for being our guest.")).to_be_visible()
    wrong += check(guest, "guest-past-phone-dark", shots)
    for one in everyone:
        one.context.close()
    assert wrong == []


def at_hand(page: Page) -> None:
    """On a laptop everything that can be pressed now is in sight."""
    assert page.evaluate("scrollY") == 0
    buttons = page.locator("#cmd .btn")
    assert buttons.count() >= 4
    for button in buttons.all():
        box = button.bounding_box()
        assert box
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 650


def keeps_its_place(page: Page) -> None:
    """By keyboard: Pause becomes Go on under the same focus; the view, what is unfolded and its place stay."""
    page.set_viewport_size({"width": 844, "height": 390})
    open_people(page)
    page.locator("summary", has_text="Hand over hosting").click()
    page.evaluate("document.getElementById('panel').scrollTop = 60")
    for name in ("Pause", "Go on"):
        button = page.locator("#cmd").get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#cmd").get_by_role("button", name="Go on" if name == "Pause" else "Pause")).to_be_focused()
    expect(page.get_by_role("radio", name="People")).to_be_checked()
    expect(page.get_by_role("button", name="To Sam")).to_be_visible()
    assert page.evaluate("document.getElementById('panel').scrollTop") == 60


def test_a_wrong_clock_a_sleeping_tab_and_a_sign_in_that_ran_out(browser: Browser, demo: Site) -> None:
    """All three show the same second as everybody else, as soon as they are looked at."""
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][1]["path"]
    priya = enter(browser, demo, "priya@example.org", "desk", "light")
    sam = enter(browser, demo, "sam@example.org", "phone", "light")
    ruth = enter(browser, demo, "ruth@example.org", "phone", "dark")
    text = in_seconds("01-council.yaml", "Clocks").replace("minutes: 0.0666", "minutes: 30.0666")
    live = schedule(priya, circle, text, "Clocks")
    sam.add_init_script("const real = Date.now; Date.now = () => real() - 5 * 3600 * 1000;")
    ruth.clock.install()
    for page in (sam, ruth):
        page.goto(live)
    thought = ruth.get_by_label("Your issue, in one sentence")
    thought.press_sequentially("half a thought")
    priya.set_viewport_size({"width": 1366, "height": 650})
    begin(priya, ["Sam", "Ruth"], ["Priya"])
    together([priya, sam, ruth], 1)
    expect(thought).to_have_value("half a thought")
    expect(thought).to_be_focused()
    at_hand(priya)
    keeps_its_place(priya)
    together([priya, sam, ruth], 3)

    def left(page: Page) -> int:
        minutes, seconds = page.locator(".clock").inner_text().removeprefix("+").split(":")[-2:]
        return int(minutes) * 60 + int(seconds)

    def agree(page: Page) -> None:
        """It soon shows what Priya's shows: the second she sees now, or one of the next that pass while it is read."""
        now = left(priya)
        soon = "|".join(f"0?{second // 60}:{second % 60:02}" for second in range(now - 5, now + 2))
        expect(page.locator(".clock")).to_have_text(re.compile(f"^({soon})$"))

    agree(sam)
    ruth.clock.fast_forward("01:00:00")
    ruth.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(ruth.locator("#live")).not_to_have_attribute("data-state", "paused")
    agree(ruth)

    sam.context.clear_cookies(name="sessionid")
    # A stream that goes mute without an error is noticed, said, and looked past.
    ruth.route("**/events", lambda _route: None)
    ruth.goto(live)
    press(priya, re.compile("^Pause"))
    ruth.clock.fast_forward("00:45")
    expect(ruth.get_by_text("News is held up on the way")).to_be_visible()
    together([priya, ruth], 4)
    press(priya, re.compile("^Go on"))
    # The room itself notices that nobody is signed in any more.
    sam.get_by_label("Email").fill("sam@example.org")
    sam.get_by_label("Password").fill(password_of(demo))
    follow(sam.get_by_role("button", name="Sign in", exact=True))
    expect(sam.locator("#live")).to_have_count(1)
    assert sam.url == live
    together([priya, sam], 5)
    agree(sam)
    for page in (priya, sam, ruth):
        page.context.close()
