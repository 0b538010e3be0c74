"""The authenticator app, recovery codes and passkeys, from turning them on to signing in, under the strict policy."""

import re
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import check, enter, follow, password_of

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def with_a_device(page: Page) -> tuple[CDPSession, str]:
    """The browser has a device that makes passkeys and says yes by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return devtools, str(made["authenticatorId"])


@pytest.mark.parametrize(("who", "size", "theme"), [("ruth", "phone", "light"), ("sam", "desk", "dark")])
def test_a_second_step_from_turning_it_on_to_signing_in(
    browser: Browser, demo: Site, shots: Path, who: str, size: str, theme: str
) -> None:
    password = password_of(demo)
    page = enter(browser, demo, f"{who}@example.org", size, theme)
    blocked: list[str] = []
    page.on("console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None)
    devtools, device = with_a_device(page)
    wrong: list[str] = []

    def look(name: str, heading: str | re.Pattern[str]) -> None:
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        wrong.extend(check(page, f"{name}-{size}-{theme}", shots))

    def act(name: str) -> None:
        follow(page.get_by_role("button", name=name, exact=True))

    page.goto("/account/")
    follow(page.get_by_role("link", name="Second step and passkeys"))
    look("second-off", "Second step and passkeys")
    follow(page.get_by_role("link", name="Turn on the authenticator app"))
    look("is-it-you", "Confirm it’s you")
    page.get_by_label("Password").fill("something else")
    act("Confirm")
    expect(page.locator("#wrongs")).to_be_focused()
    page.get_by_label("Password").fill(password)
    act("Confirm")
    look("app-on", "Turn on the authenticator app")
    assert page.locator(".qr-frame svg").bounding_box()
    secret = page.locator("code").inner_text()
    page.get_by_label("Authenticator code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    act("Turn on")
    look("codes", "Recovery codes")
    code = page.locator(".codes code").first.inner_text()
    for name, path, heading in (
        ("second-on", "", "Second step and passkeys"),
        ("app-off", "totp/deactivate/", "Turn off the authenticator app?"),
        ("codes-new", "recovery-codes/generate/", "Make recovery codes"),
        ("passkey-add", "webauthn/add/", "Add a passkey"),
    ):
        page.goto(f"/sign/2fa/{path}")
        look(name, heading)

    # A device that says no is told in words, and nothing is added.
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    expect(page.get_by_label("Sign in with it alone")).to_be_checked()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("The device did not answer in time, was told not to")).to_be_visible()
    expect(page.locator("[data-passkey-failed]:visible")).to_have_count(1)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_label("Its name").fill("My phone")
    act("Add it")
    expect(page.get_by_text("The passkey is yours.")).to_be_visible()
    follow(page.get_by_role("link", name="See your passkeys"))
    look("passkeys", re.compile("^Passkeys$"))
    expect(page.get_by_text("Signs you in by itself.")).to_be_visible()
    follow(page.get_by_role("link", name="Rename My phone"))
    look("passkey-name", "Rename the passkey")
    page.get_by_label("Its name").fill("")
    act("Save")
    expect(page.get_by_text("Give it a name.").first).to_be_visible()
    page.get_by_label("Its name").fill("Phone at home")
    act("Save")
    follow(page.get_by_role("link", name="Remove Phone at home"))
    look("passkey-remove", re.compile("Phone at home"))
    follow(page.get_by_role("link", name="Keep it"))
    expect(page.get_by_role("heading", name="Phone at home")).to_be_visible()

    page.goto("/account/")
    act("Sign out")
    page.get_by_label("Email").fill(f"{who}@example.org")
    page.get_by_label("Password").fill(password)
    act("Sign in")
    look("second-step", "Your second step")
    page.get_by_label("Code").fill("000000")
    act("Sign in")
    look("second-step-wrong", "Your second step")
    expect(page.locator("#wrongs")).to_be_focused()
    page.get_by_label("Code").fill(code)
    act("Sign in")
    expect(page.get_by_role("heading", name=re.compile(f", {who.title()}$"))).to_be_visible()
    page.goto("/sign/2fa/")
    expect(page.get_by_text("9 are left")).to_be_visible()

    for door in ("Use a passkey", "Sign in with a passkey"):
        page.goto("/account/")
        act("Sign out")
        if door == "Use a passkey":
            page.get_by_label("Email").fill(f"{who}@example.org")
            page.get_by_label("Password").fill(password)
            act("Sign in")
        act(door)
        expect(page.get_by_role("heading", name=re.compile(f", {who.title()}$"))).to_be_visible()
    page.context.close()
    assert (wrong, blocked) == ([], [])


@pytest.mark.parametrize(("who", "size", "theme"), [("leila", "phone", "dark"), ("ewan", "desk", "light")])
def test_address_password_and_places_to_be_signed_in(
    browser: Browser, demo: Site, shots: Path, who: str, size: str, theme: str
) -> None:
    password = password_of(demo)
    page = enter(browser, demo, f"{who}@example.org", size, theme)
    other = enter(browser, demo, f"{who}@example.org", "desk", "light")
    wrong: list[str] = []
    page.goto("/sign/email/")
    page.get_by_label("Your new address").fill("not an address")
    follow(page.get_by_role("button", name="Move to this address"))
    if page.get_by_role("heading", name="Confirm it’s you").count():
        page.get_by_label("Password").fill(password)
        follow(page.get_by_role("button", name="Confirm"))
    expect(page.locator("#wrongs")).to_be_focused()
    expect(page.get_by_label("Your new address")).to_have_value("not an address")
    wrong += check(page, f"address-wrong-{size}-{theme}", shots)
    page.goto("/sign/password/change/")
    page.get_by_label("The password you have now").fill("no")
    follow(page.get_by_role("button", name="Change the password"))
    expect(page.locator("#wrongs")).to_be_focused()
    wrong += check(page, f"password-wrong-{size}-{theme}", shots)
    page.goto("/sign/sessions/")
    expect(page.get_by_role("heading", name="Chrome on Linux")).to_have_count(2)
    wrong += check(page, f"places-{size}-{theme}", shots)
    follow(page.get_by_role("button", name="Sign out everywhere else"))
    expect(page.get_by_text("Nowhere else.")).to_be_visible()
    other.goto("/account/")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    for one in (page, other):
        one.context.close()
    assert wrong == []
