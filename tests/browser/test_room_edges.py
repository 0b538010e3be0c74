"""The same frame where no stage runs: the lobby, the shared screen, a room that is not connected, and the end."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import enter
from tests.browser.test_room import begin, early, end, ending, press, schedule, seq_of, together
from tests.browser.test_room_frame import COMMANDS, ROOM, WALL, Frames, kind_of, widened, with_guest

pytestmark = pytest.mark.browser

LOBBY = {"clock": ".clock"}
PAUSED = WALL | {"what may be said": ".say"}


def cut_off(page: Page, frames: Frames) -> None:
    """Without a network it says so, and everything stays where it is."""
    page.context.set_offline(True)
    expect(page.get_by_text("Not connected, trying again.")).to_be_visible(timeout=30_000)
    frames.look("member", page, "not connected", ROOM)
    page.context.set_offline(False)
    expect(page.get_by_text("Connected again.")).to_be_visible(timeout=60_000)


def test_the_lobby_the_wall_a_lost_line_and_the_end_stand_in_the_frame(browser: Browser, demo: Site) -> None:
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][0]["path"]
    host, member = (enter(browser, demo, f"{who}@example.org", "desk", "light") for who in ("priya", "amara"))
    live = schedule(host, circle, widened("01-council.yaml", "Edges"), "Edges")
    guest = with_guest(browser, demo, live)
    member.goto(live)
    wall = member.context.new_page()
    wall.goto(f"{live}shared/")
    frames = Frames()
    frames.look("wall before", wall, "before", LOBBY)
    for who, page in (("host", host), ("member", member), ("guest", guest)):
        frames.look(f"{who} in the lobby", page, "the lobby", LOBBY | COMMANDS)
    early(host)
    frames.look("host who starts", host, "the lobby, early", COMMANDS)
    begin(host, ["Amara", "Nadia"], ["Amara"])
    host.wait_for_load_state()
    if host.locator("#how").count():
        host.get_by_role("button", name="Start it now, early").click()
    everyone, known = [host, member, guest, wall], set()
    together(everyone, 1)
    cut_off(member, frames)
    press(host, "Pause")
    together(everyone, 2)
    frames.look("wall", wall, "paused", PAUSED)
    press(host, "Go on")
    together(everyone, 3)
    while True:
        if kind_of(wall) not in known:
            known.add(kind_of(wall))
            frames.look("wall", wall, wall.locator("#now").inner_text(), WALL)
        if ending(host).count():
            break
        seq = seq_of(host)
        press(host, re.compile("^Next"))
        together(everyone, seq + 1)
    end(host, everyone)
    for who, page in (("host", host), ("member", member)):
        expect(page.locator("#live")).to_have_attribute("data-state", "ended")
        expect(page.get_by_role("button", name="Nothing this time")).to_be_visible()
        frames.look(f"{who} at the end", page, "the end", COMMANDS)
    frames.look("wall at the end", wall, "the end", {})
    for page in (host, member, guest):
        page.context.close()
    assert len(known) > 4
    assert frames.wrong == []
