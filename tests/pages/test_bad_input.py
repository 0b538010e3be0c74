"""Bad input gets a clear sentence beside its field, keeps what was typed, and writes nothing."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from agreements.models import Signature
from circles.invitation_services import members_invite
from circles.models import Circle, Invitation
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_circle, make_session, make_user, sign, signed_in
from tests.pages.test_invitations import invite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

START = {
    "name": "Alder", "people": "", "date": "2027-01-20", "time": "16:00", "time_zone": "Europe/London",
    "cadence": "three_weeks", "sessions": "6", "min_size": "3", "max_size": "8", "takes_part": "on",
}  # fmt: skip
SCHEDULE = {"format": "council", "date": "2027-01-20", "time": "16:00", "zone": "Europe/London", "minutes": "120"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Give the circle a name."),
        ({"name": "\u200b\u200b"}, "Give the circle a name."),
        ({"name": "x" * 81}, "Use at most 80 characters; this has 81."),
        ({"purpose": "x" * 10_000}, "Use at most 300 characters; this has 10000."),
        ({"date": "2027-01-10"}, "The session must be in the future."),
        ({"date": "0001-01-01"}, "The session must be in the future."),
        ({"date": "9999-12-31"}, "Choose a date within the next two years."),
        ({"date": "2027-02-30"}, "Enter a date such as 2027-01-31."),
        ({"date": "tomorrow"}, "Enter a date such as 2027-01-31."),
        ({"date": "2027-03-28", "time": "01:30"}, "there is no such time; the first one after it is 02:00."),
        ({"time": "25:00"}, "Enter a time such as 16:00."),
        ({"time_zone": "Mars/Olympus"}, "Choose a city from the list."),
        ({"time_zone": "../../etc/passwd"}, "Choose a city from the list."),
        ({"cadence": "sometimes"}, "Select a valid choice."),
        ({"sessions": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"sessions": "9" * 40}, "Ensure this value is less than or equal to 24."),
        ({"min_size": "6", "max_size": "4"}, "The largest size must be at least the smallest, 6."),
        ({"max_size": "13"}, "Ensure this value is less than or equal to 12."),
        (
            {"people": ", ".join(f"p{n}@example.org" for n in range(31))},
            "These are 31 addresses. Enter at most 30 at once.",
        ),
        ({"people": "x" * 10_000}, "Use at most 5100 characters; this has 10000."),
    ],
)
def test_starting_a_circle_says_what_is_wrong(people: Cast, changes: dict[str, str], said: str) -> None:
    before = Circle.objects.count()
    answer = signed_in(people.erin).post("/circles/start/", START | {"name": "What I typed"} | changes)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert "There is a problem" in page
    assert re.search(r"<title>\s*Error: ", page)
    assert 'aria-invalid="true"' in page
    if "name" not in changes:
        assert 'value="What I typed"' in page
    assert Circle.objects.count() == before


def test_control_and_bidi_characters_are_taken_out(people: Cast) -> None:
    signed_in(people.erin).post("/circles/start/", START | {"name": "Al\x00d\u202eer\x07  circle", "purpose": "a\r\nb"})
    circle = Circle.objects.latest("pk")
    assert (circle.name, circle.purpose) == ("Alder circle", "a\nb")


def test_a_name_in_any_script_is_shown_and_never_run(people: Cast) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }} 😀"
    signed_in(people.erin).post("/circles/start/", START | {"name": name})
    circle = Circle.objects.latest("pk")
    page = signed_in(people.erin).get(reverse("pages:circle", args=[circle.code])).content.decode()
    assert circle.name == name
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} 😀" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "nonsense"}, "Select a valid choice."),
        ({"minutes": "5"}, "greater than or equal to 15"),
        ({"minutes": "-1"}, "greater than or equal to 15"),
        ({"minutes": "1e9"}, "Enter a whole number."),
        ({"call_link": "javascript:alert(1)"}, "Enter the whole link"),
        ({"call_link": "ftp://example.org/x"}, "Enter a link that begins with https://."),
        ({"place": "x" * 201}, "Use at most 200 characters; this has 201."),
        ({"date": "2027-03-28", "time": "01:30"}, "there is no such time"),
        ({"date": "2027-01-10"}, "The session must be in the future."),
    ],
)
def test_scheduling_says_what_is_wrong(people: Cast, changes: dict[str, str], said: str) -> None:
    path = reverse("sessions:schedule", args=[people.circle.code])
    answer = signed_in(people.alice).post(path, SCHEDULE | changes)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not CircleSession.objects.exists()


def test_a_time_that_exists_twice_is_the_first(people: Cast) -> None:
    path = reverse("sessions:schedule", args=[people.circle.code])
    signed_in(people.alice).post(path, SCHEDULE | {"date": "2027-10-31", "time": "01:30"})
    assert CircleSession.objects.get().starts_at.isoformat() == "2027-10-31T00:30:00+00:00"


def test_the_plan_says_when_a_format_does_not_fit_and_offers_one_that_does(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    page = reverse("sessions:session", args=[session.code])
    for user in (people.carol, people.dave):
        signed_in(user).post(reverse("sessions:rsvp", args=[session.code]), {"answer": "no"})
    content = signed_in(people.alice).get(page).content.decode()
    assert "Council is made for 3 to 6 people, and 2 come so far. Pair coaching fits." in " ".join(content.split())
    members_invite(circle=people.circle, emails=["ivy@example.org"], by=people.alice, now=NOW)
    waited_for = " ".join(signed_in(people.alice).get(page).content.decode().split())
    assert "Council is made for 3 to 6 people. One invitation is not answered yet." in waited_for
    assert "notice--warn" not in waited_for, "nothing is wrong while people are invited who would make it fit"


def test_the_language_is_asked_only_where_there_is_a_choice(people: Cast, settings: Any) -> None:
    client = signed_in(people.erin)
    assert b'name="language"' not in client.get("/circles/start/").content
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    assert b'name="language"' in client.get("/circles/start/").content
    client.post("/circles/start/", START | {"language": "de"})
    circle = Circle.objects.latest("pk")
    assert circle.language == "de"
    path = reverse("circles:settings", args=[circle.code])
    client.post(path, START | {"language": "en-gb", "name": "Renamed", "roles_days": "3", "retention_days": "30"})
    circle.refresh_from_db()
    assert (circle.language, circle.name) == ("en-gb", "Renamed")


CREATING = [
    ("/circles/start/", START, Circle),
    ("schedule", SCHEDULE, CircleSession),
    ("invite", {"people": "new@example.org"}, Invitation),
]


@pytest.mark.parametrize(("where", "form", "model"), CREATING)
def test_a_form_sent_twice_counts_once(people: Cast, where: str, form: dict[str, str], model: Any) -> None:
    path = {
        "schedule": reverse("sessions:schedule", args=[people.circle.code]),
        "invite": reverse("circles:people", args=[people.circle.code]),
    }.get(where, where)
    client = signed_in(people.alice)
    key = {"form_key": "5b0a8d34-3b0c-4a8e-9d0e-2f3c1f6f0a11"}
    before = model.objects.count()
    wrong = client.post(path, form | key | {"date": "2020-01-01", "people": "" if where == "invite" else "x"})
    assert wrong.status_code == 200  # a mistake does not use the key up
    first, second = client.post(path, form | key), client.post(path, form | key)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert model.objects.count() == before + 1


def test_a_full_circle_says_so(people: Cast) -> None:
    small = make_circle(people.alice, [people.bob], name="Small", max_size=3)
    path = reverse("circles:people", args=[small.code])
    page = signed_in(people.alice).post(path, {"people": "a@example.org, b@example.org"}, follow=True)
    assert b"Not sent, the circle has no free seat for: b@example.org" in page.content


def test_leaving_is_free_and_closes_the_pages_at_once(people: Cast) -> None:
    bob, path = signed_in(people.bob), reverse("pages:leave", args=[people.circle.code])
    sign(people.circle, people.bob)
    form = bob.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r'name="(\w+)"', form)) <= {"csrfmiddlewaretoken", "form_key"}, "no reason is asked"
    bob.post(path)
    assert Signature.objects.get().user == people.bob, "that they signed stays as a date"
    assert bob.get(reverse("pages:circle", args=[people.circle.code])).status_code == 404
    assert members_invite(circle=people.circle, emails=["bob@example.org"], by=people.alice, now=NOW).sent
    alice = signed_in(people.alice)
    page = alice.post(reverse("pages:leave", args=[people.circle.code]), follow=True)
    assert b"You are the only facilitator." in page.content


def test_signing_an_old_text_signs_nothing(people: Cast) -> None:
    from agreements.models import AgreementVersion, Signature
    from agreements.selectors import current_version

    version = current_version(people.circle)
    assert version
    path = reverse("agreements:agreement_sign", args=[people.circle.code])
    form = {"version": str(version.code), "digest": version.digest, "read": "on"}
    bob = signed_in(people.bob)
    assert b"Tick that you have read it" in bob.post(path, form | {"read": ""}, follow=True).content
    bob.post(path, form | {"digest": "0" * 64})
    AgreementVersion.objects.create(agreement=version.agreement, number=2, digest="1" * 64, adopted_at=NOW)
    page = bob.post(path, form, follow=True)
    assert b"The agreement has changed since you opened it." in page.content
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": ""}, "Write what you will do."),
        ({"text": "x" * 501}, "Use at most 500 characters; this has 501."),
        ({"text": "x", "due_on": "2027-01-10"}, "Choose today or a later day."),
        ({"text": "x", "due_on": "2037-01-10"}, "Choose a day within a year"),
        ({"text": "x", "due_on": "2027-01-20", "partner": "not-a-code"}, "Choose someone from the list."),
    ],
)
def test_a_commitment_says_what_is_wrong(people: Cast, form: dict[str, str], said: str) -> None:
    path = reverse("agreements:commitment_add", args=[people.circle.code])
    answer = signed_in(people.bob).post(path, {"due_on": "2027-01-20", "partner": ""} | form)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_who_may_start_a_circle_is_a_setting(people: Cast, settings: Any) -> None:
    newcomer = make_user("Nina New")
    assert signed_in(newcomer).get("/circles/start/").status_code == 200
    settings.CIRCLE_CREATION = "staff"
    assert signed_in(newcomer).get("/circles/start/").status_code == 404
    settings.CIRCLE_CREATION = "invited"
    assert signed_in(newcomer).get("/circles/start/").status_code == 404
    _invitation, link = invite(people, "nina@example.org")
    nina = signed_in(newcomer)
    nina.get(link)
    nina.post("/invitation/", {"yes": "1"})
    assert nina.get("/circles/start/").status_code == 200


def test_a_megabyte_is_refused_with_a_page(people: Cast) -> None:
    answer = signed_in(people.alice).post("/circles/start/", START | {"purpose": "x" * 1_100_000})
    assert answer.status_code == 413
    assert b"That was too much at once" in answer.content


def test_an_erring_page_says_it_is_ours_and_logs_no_words(
    people: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the canary words")

    monkeypatch.setattr("pages.today_selectors.today_page", broken)
    client = signed_in(people.alice)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content
    assert b"canary" not in answer.content


def test_a_database_that_is_away_says_try_again(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("pages.today_selectors.today_page", away)
    alice = signed_in(people.alice)
    alice.raise_request_exception = False
    answer = alice.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"we are catching up" in answer.content


def test_an_expired_form_token_says_you_were_away(people: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/circles/start/", START)
    assert answer.status_code == 403
    assert b"You were away for a while" in answer.content


def test_a_browser_that_keeps_no_cookies_is_told(people: Cast) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign/login/", {"login": "alice@example.org", "password": "x"})
    assert answer.status_code == 403
    assert b"Your browser keeps no cookies" in answer.content
    assert b"away for a while" not in answer.content


def test_a_refusal_that_no_view_expects_is_a_sentence_and_no_fault(people: Cast, monkeypatch: Any) -> None:
    """As of a row that is deleted between the look at it and the lock."""

    def gone(circle: Circle) -> None:
        raise Refused("This is not there any more.")

    monkeypatch.setattr("circles.services.circle_lock", gone)
    hold = reverse("circles:hold", args=[people.circle.code])
    answer = signed_in(people.alice).post(hold, {"hold": "on"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("pages:today")
    assert "This is not there any more." in [str(one) for one in answer.context["messages"]]
    assert not Circle.objects.filter(status="on_hold").exists()
