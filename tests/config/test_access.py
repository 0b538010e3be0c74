"""Every address x every kind of person, generated from the URLconf."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.services import feed_renew
from sessions.live.stream import _authorise
from tests.config.access import ENTRANCE, EVERYBODY, INSIDE, OWN_ACCOUNT, RULES, asked_of
from tests.config.world import World, names
from tests.factories import NOW, signed_in
from tests.thorough import THOROUGH, part

pytestmark = pytest.mark.django_db


def addresses(patterns: list[Any], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = pattern.namespace or ""
            yield from addresses(pattern.url_patterns, f"{inner}:" if inner else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}"


ALL = sorted(set(addresses(get_resolver().url_patterns)))


def test_every_address_has_a_rule() -> None:
    listed = set(RULES) | ENTRANCE | OWN_ACCOUNT
    assert [name for name in ALL if name not in listed and not name.startswith("admin:")] == []
    assert [name for name in listed if name not in ALL] == []


# Presses of a session that runs: before it starts nobody has a seat to press from, so these are a 404 for members too.
NEEDS_A_SEAT = {
    "sessions:command", "sessions:replan", "sessions:turn", "sessions:hand_over", "sessions:take_over",
    "sessions:attendance", "sessions:put_back",
}  # fmt: skip


CLIENTS: dict[int, Client] = {}


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once; what a test writes is rolled back to it, since the test's transaction lies within this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = World()
            # Signing in takes longer than most pages do: once each, within the transaction that every test returns to.
            CLIENTS.update({person.pk: signed_in(person) for person in made.people.values() if person})
            nothing = f"/circles/{uuid4()}/"
            made.nothing = {who: same(ask(one, "GET", nothing, {})) for who, one in made.people.items()}
        yield made
        CLIENTS.clear()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield built


def ask(person: User | None, method: str, path: str, form: dict[str, str]) -> Any:
    client = CLIENTS[person.pk] if person else Client()
    client.cookies.pop("messages", None)  # what an earlier answer said is another test's
    return client.get(path) if method == "GET" else client.post(path, form)


def test_one_person_of_every_kind_is_asked(world: World) -> None:
    assert sorted(world.people) == sorted(EVERYBODY)


@pytest.mark.parametrize(("name", "method", "rule"), asked_of(*INSIDE))
def test_a_circles_addresses_are_closed_to_everybody_else(name: str, method: str, rule: str, world: World) -> None:
    inside = INSIDE[rule]
    form = world.form(name)
    outside = asked_here(name, set(EVERYBODY) - set(inside) - {"stranger"})
    for who in ["stranger", *outside, *let_in(name, inside)]:  # before those who may do change anything
        answer = ask(world.people[who], method, world.path(name), form)
        if who == "anonymous":
            assert sent_to_sign_in(answer), (name, who)
        elif who in inside:
            expected = (404,) if name in NEEDS_A_SEAT else (200, 302)
            assert answer.status_code in expected, (name, who, answer.status_code)
        else:
            assert answer.status_code == 404, (name, who, answer.status_code)
            assert same(answer) == world.nothing[who], (name, who)
    stranger = ask(world.people["stranger"], method, world.missing(name), form)
    assert (stranger.status_code, same(stranger)) == (404, world.nothing["stranger"]), name


def sent_to_sign_in(answer: Any) -> bool:
    """Straight away; whoever had written something is given that back first."""
    if answer.status_code == 403:
        return b"You are not signed in any more" in answer.content
    return answer.status_code == 302 and answer.url.startswith("/sign/login/")


def asked_here(name: str, people: Iterable[str]) -> list[str]:
    """All of them in `.ci/run`; in `make test` every fifth, at each address others."""
    turn = list(RULES).index(name)
    return [who for at, who in enumerate(sorted(people)) if THOROUGH or (at + turn) % 5 == 0]


def let_in(name: str, people: Iterable[str]) -> list[str]:
    """All of them in `.ci/run`; in `make test` every second, at each address others."""
    return part(sorted(people), of=2, first=list(RULES).index(name) % 2) or sorted(people)


def same(answer: Any) -> bytes:
    """A page without what differs on every request: its own path, its place in the navigation, the form token, and what
    the reader wrote themselves, which they are given back whatever it was written to."""
    text = re.sub(
        rb'<section class="stack" aria-labelledby="words-back">.*?</section>', b"", answer.content, flags=re.S
    )
    text = re.sub(rb'name="next" value="[^"]*"|aria-current="page"', b"", text)
    text = re.sub(rb"\s+", b" ", re.sub(rb"\s+>", b">", text))
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", text)


@pytest.mark.parametrize(("name", "method", "rule"), asked_of("open", "signed", "fresh", "token"))
def test_other_addresses(name: str, method: str, rule: str, world: World) -> None:
    path = reverse(name, kwargs=names(name))
    for who, person in ((who, world.people[who]) for who in asked_here(name, world.people)):
        cache.clear()  # eleven people with one wrong secret are more than an hour allows
        answer = ask(person, method, path, {"theme": "dark"})
        if rule in ("signed", "fresh") and who == "anonymous":
            assert answer.url.startswith("/sign/login/")
        elif rule == "fresh" and person and person.has_usable_password():
            assert answer.url.startswith("/sign/reauthenticate/"), (name, who)
        elif rule == "token":
            assert answer.status_code in (302, 404), (name, who)
        else:
            assert answer.status_code in (200, 302, 503), (name, who, answer.status_code)
            assert not getattr(answer, "url", "").startswith("/sign/"), (name, who)


@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_account_pages_need_sign_in(name: str) -> None:
    needs_key = {"mfa_edit_webauthn", "mfa_remove_webauthn"}
    path = f"/sign/{name}" if name.endswith("/") else reverse(name, kwargs={"pk": 1} if name in needs_key else {})
    answer = Client().get(path)
    assert answer.status_code in (302, 405), (name, answer.status_code)
    if answer.status_code == 302:
        assert answer.url.startswith("/sign/"), name


def test_the_admin_site_is_for_staff(world: World) -> None:
    for who, person in world.people.items():
        answer = ask(person, "GET", "/admin/", {})
        if who in ("staff", "superuser"):
            assert answer.status_code == 200, who
        else:
            assert answer.status_code in (302, 404, 403), who


def test_every_other_method_is_refused(world: World) -> None:
    client = signed_in(cast(User, world.people["facilitator"]))
    wrong = []
    asked = [(name, world.path(name), methods) for name, (methods, rule) in RULES.items() if rule.split()[0] in INSIDE]
    asked += [
        (name, reverse(name, kwargs=names(name)), methods)
        for name, (methods, rule) in RULES.items()
        if rule.split()[0] not in INSIDE
    ]
    libraries = [
        name
        for name in ENTRANCE | OWN_ACCOUNT
        if not any(part in name for part in ("/", "webauthn", "_key", "openid_connect"))
    ]
    asked += [(name, reverse(name, args=["oidc"]), "GET POST") for name in ENTRANCE if "openid_connect" in name]
    asked += [(name, reverse(name), "GET POST") for name in libraries] + [("admin", "/admin/", "GET POST")]
    for name, path, methods in asked:
        for method in ("get", "post", "put", "patch", "delete", "options", "trace"):
            status = None if method.upper() in methods.split() else getattr(client, method)(path).status_code
            if status not in (None, 405):
                wrong.append(f"{name} answers {method} with {status}")
    assert wrong == []


def test_head_is_answered_as_get_is(world: World) -> None:
    """Health checks and link checkers ask with HEAD; no view has to think of it."""
    client = signed_in(cast(User, world.people["facilitator"]))
    asked = [
        world.path(name) if rule.split()[0] in INSIDE else reverse(name, kwargs=names(name))
        for name, (methods, rule) in RULES.items()
        if "GET" in methods.split()
    ]
    wrong = []
    for path in part(asked, of=2):
        head = client.head(path)
        if head.status_code == 405 or head.status_code != client.get(path).status_code or head.content:
            wrong.append(f"{path}: {head.status_code}")
    assert wrong == []


def test_who_may_listen_to_a_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream lies in front of Django and asks by itself."""
    monkeypatch.setattr("sessions.live.stream.close_old_connections", lambda: None)  # the test's own is kept
    for who, person in world.people.items():
        cookie = CLIENTS[person.pk].cookies[settings.SESSION_COOKIE_NAME].value if person else ""
        assert bool(_authorise(world.session.code, cookie)) is (who in INSIDE["attending"]), who
        assert _authorise(uuid4(), cookie) is None


def test_a_calendar_shows_what_its_owner_may_see(world: World) -> None:
    """A feed is a secret address: of whoever is not in the circle it names nothing of it."""
    told = b"Alder circle"
    for who, person in world.people.items():
        if person:
            feed = Client().get(reverse("pages:feed", args=[feed_renew(user=person, now=NOW)]))
            assert (told in feed.content) is (who in INSIDE["attending"]), who


def test_a_thing_is_found_only_through_what_it_belongs_to(world: World) -> None:
    """Somebody who may do this in their own circle names a thing of another circle there: it does not exist."""
    olga, asked, wrong = world.people["facilitator of another circle"], 0, []
    for name, method, _rule in asked_of(*INSIDE):
        kwargs = world.kwargs(name)
        if not any(isinstance(value, UUID) for key, value in kwargs.items() if key != "code"):
            continue
        kwargs["code"] = world.elsewhere[kwargs["code"]]
        asked += 1
        answer = ask(olga, method, reverse(name, kwargs=kwargs), world.form(name))
        wrong += [f"{name} {method} {answer.status_code}"] if answer.status_code != 404 else []
    assert wrong == []
    assert asked > 10
