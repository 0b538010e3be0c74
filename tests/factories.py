"""Plain factories: a circle and its people, as the services make them."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.test import Client

from accounts.models import User
from accounts.services import user_create_verified
from agreements.selectors import current_version
from agreements.services import agreement_sign, agreement_start
from circles.models import Circle, Membership
from circles.services import CircleDetails, circle_start
from notifications.models import Message
from programmes.enums import Asked
from programmes.models import Programme
from programmes.services import ProgrammeDetails, programme_start
from sessions.formats.library import version_of
from sessions.models import CircleSession
from sessions.planning.services import SessionDetails, session_schedule

PASSWORD = "three plain words"
NEWER = f"newer:{urlsafe_b64encode(bytes(range(32))).decode()}"  # a content key to rotate to
NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)  # a Monday


def make_user(name: str = "Alice Archer", *, zone: str = "Europe/London", email: str = "") -> User:
    address = email or f"{name.split()[0].lower()}@example.org"
    return user_create_verified(email=address, name=name, time_zone=zone, password=PASSWORD)


def make_circle(facilitator: User, members: Sequence[User] = (), *, now: datetime = NOW, **details: object) -> Circle:
    options = {"name": "Alder circle", "time_zone": "Europe/London"} | details
    circle = circle_start(details=CircleDetails(**options), by=facilitator, now=now)  # type: ignore[arg-type]
    agreement_start(circle=circle, now=now)
    for member in members:  # nobody later than the others: what is said from now on is said to all of them
        Membership.objects.create(circle=circle, user=member, joined_at=now)
    return circle


def sign(circle: Circle, *people: User, now: datetime = NOW) -> None:
    """Everybody signs the text in force."""
    version = current_version(circle)
    assert version
    for person in people:
        agreement_sign(circle=circle, user=person, version=version.code, digest=version.digest, now=now)


def make_session(
    circle: Circle, by: User, *, now: datetime = NOW, in_: timedelta = timedelta(days=3), key: str = "council"
) -> CircleSession:
    local = (now + in_).replace(tzinfo=None)
    details = SessionDetails(local_start=local, zone="UTC", format=version_of(key), minutes=120)
    return session_schedule(circle=circle, details=details, now=now)


def make_held(circle: Circle, by: User, *, now: datetime = NOW) -> CircleSession:
    """A session that was held, as its row says: of who came nothing is written."""
    session = make_session(circle, by, now=now)
    over = now - timedelta(days=3)
    CircleSession.objects.filter(pk=session.pk).update(
        status="ended", starts_at=over, started_at=over, ended_at=over + timedelta(hours=2)
    )
    Message.objects.filter(subject_code=session.code).delete()
    session.refresh_from_db()
    return session


def make_programme(by: User, *, now: datetime = NOW, **details: object) -> Programme:
    """A programme of half a year, open to everybody unless said otherwise."""
    first = now.date()
    options = {"name": "Leading well", "time_zone": "Europe/London", "starts_on": first, "practice": False}
    options |= {"ends_on": first + timedelta(days=180), "asks": list(Asked.values)}
    return programme_start(details=ProgrammeDetails(**(options | details)), by=by, now=now)  # type: ignore[arg-type]


@dataclass
class Cast:
    """alice facilitates, bob and carol and dave are members, erin is a stranger, stan is staff, sue a superuser."""

    alice: User
    bob: User
    carol: User
    dave: User
    erin: User
    circle: Circle


def make_cast(now: datetime = NOW) -> Cast:
    alice, bob, carol, dave, erin = (
        make_user(name) for name in ("Alice Archer", "Bob Baker", "Carol Cook", "Dave Dyer", "Erin Else")
    )
    return Cast(alice, bob, carol, dave, erin, make_circle(alice, [bob, carol, dave], now=now))


def change_password(user: User, new: str = "another three words") -> Client:
    """As the person does it, in a browser of their own; the browser they are still signed in with."""
    client = Client()
    client.post("/sign/login/", {"login": user.email, "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    asked = client.post("/sign/password/change/", form)
    if asked.url.startswith("/sign/reauthenticate/"):
        client.post(asked.url, {"password": PASSWORD})
        client.post("/sign/password/change/", form)
    user.refresh_from_db()
    assert user.check_password(new)
    return client


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
