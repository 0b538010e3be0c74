"""Words written in the room by several people or devices at once."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from sessions.enums import Role
from sessions.models import CircleSession, Note, SessionEvent, SessionRole
from sessions.rules import texts
from tests.factories import Cast, signed_in
from tests.sessions.pressing import QUIET, press, room

# ---- words ----------------------------------------------------------------------------------------------------------


def test_two_devices_of_one_person_keep_each_others_words(session: CircleSession, people: Cast) -> None:
    bob, path = signed_in(people.bob), reverse("sessions:note", args=[session.code])
    write = partial(bob.post, path, headers=QUIET)
    first = write({"text": "one\ntwo", "seen": texts.mark_of("")})
    seen = first.headers["X-Seen"]
    assert seen == texts.mark_of("one\ntwo")
    write({"text": "one\ntwo\nfrom the phone", "seen": seen})
    answer = write({"text": "one\ntwo\nfrom the desk", "seen": seen})
    assert answer.content.decode() == "one\ntwo\nfrom the phone\nfrom the desk"
    assert Note.objects.get().text == answer.content.decode()
    assert write({"text": "x" * 4990, "seen": seen}).status_code == 409
    assert Note.objects.get().text == answer.content.decode()
    write({"text": "", "seen": answer.headers["X-Seen"]})
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("stands", "text", "kept"),
    [
        ("", "new", "new"), ("old", "", "old"), ("a", "a b", "a b"), ("a b", "a", "a b"),
        ("a\nb", "a\nc", "a\nb\nc"), ("left", "right", "left\nright"),
    ],
)  # fmt: skip
def test_both_texts_are_kept(stands: str, text: str, kept: str) -> None:
    assert texts.both(stands, text) == kept


def test_a_scribes_last_words_arrive_while_it_ends(session: CircleSession, people: Cast, clock: Any) -> None:
    SessionRole.objects.filter(session=session, role_key=Role.SCRIBE).update(user=people.dave)
    press(signed_in(people.alice), session, "end", sure="1")
    form = {"reader": str(people.carol.code), "text": "last words"}
    write = partial(signed_in(people.dave).post, reverse("sessions:scribe", args=[session.code]), form, headers=QUIET)
    clock.shift(timedelta(minutes=2))
    assert write().status_code == 204
    clock.shift(timedelta(seconds=1))
    assert write().status_code == 409


def test_every_field_of_the_room_has_a_name_of_its_own(session: CircleSession, people: Cast) -> None:
    """Carol has brought nothing: the form for an issue stands beside her notes."""
    import re

    page = room(signed_in(people.carol), session)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    fields = re.findall(r'<(?:textarea|select|input(?![^>]*type="(?:hidden|radio|checkbox))")[^>]*>', page)
    for field in re.findall(r"<(?:textarea|select)[^>]*>", page) + fields:
        named = re.search(r'id="([^"]+)"', field)
        assert named, field
        assert f'for="{named.group(1)}"' in page, field


def test_a_press_says_which_version_it_made_so_that_nobody_fetches_twice(session: CircleSession, people: Cast) -> None:
    answer = press(signed_in(people.alice), session, "next", headers=QUIET)
    session.refresh_from_db()
    assert answer.headers["X-Version"] == str(session.version)
    fragment = signed_in(people.alice).get(reverse("sessions:live_room", args=[session.code]))
    assert fragment.headers["X-Version"] == str(session.version)
    assert SessionEvent.objects.filter(session=session).count() == 2
