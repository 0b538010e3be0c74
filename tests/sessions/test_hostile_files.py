"""What a file may not say, whichever page takes it: what cannot be stored, what reorders a line, what nobody can see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sessions.formats.files import write_file
from sessions.formats.library import definitions
from sessions.journeys.library import shipped_definitions
from sessions.journeys.services import journey_copy
from sessions.models import Format, FormatVersion, Journey, JourneyVersion
from sessions.rules.signed_files import sealed_file, signing_key
from tests.factories import NOW, Cast, signed_in

pytestmark = pytest.mark.django_db

STORED = "This text has a character that cannot be stored."
SEEN = "Nothing of this text can be seen."


def named(definition: Any, name: str) -> dict[str, Any]:
    return {**definition, "texts": {**definition["texts"], "name": {"en": name}}}


def a_format(name: str) -> str:
    return write_file(named(definitions()["council"], name))


def a_journey(name: str) -> str:
    return write_file(named(shipped_definitions()["first_six"], name))


def from_a_shelf(kind: str, thing: Any) -> str:
    content = {"shelf": 1, "kind": kind, "helped": "", "thing": thing}
    return write_file(sealed_file(content, signing_key("another site")))


TAKES: dict[str, tuple[str, Callable[[str], str]]] = {
    "format": ("formats:import", a_format),
    "journey": ("journeys:import", a_journey),
    "shelf_format": ("shelf:bring", lambda name: from_a_shelf("format", named(definitions()["council"], name))),
    "shelf_journey": ("shelf:bring", lambda name: from_a_shelf("journey", named(shipped_definitions()["first_six"], name))),
    "shelf_clause": ("shelf:bring", lambda name: from_a_shelf("clause", {"theme": "feedback", "text": name})),
}  # fmt: skip


def kept() -> list[str]:
    return [str(one.definition) for model in (FormatVersion, JourneyVersion) for one in model.objects.order_by("pk")]


def send(client: Client, path: str, typed: dict[str, Any]) -> str:
    answer = client.post(path, typed, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Coun\0cil", STORED),
        ("Coun\x1bcil", STORED),
        ("Coun\u202ecil", STORED),
        ("Coun\u2066cil", STORED),
        ("e" + "\u0301" * 40, STORED),
        ("   ", SEEN),
        ("\u200b", SEEN),
        ("\u2800\u3164", SEEN),
    ],
)
@pytest.mark.parametrize("page", TAKES)
def test_a_file_says_nothing_that_a_form_could_not(people: Cast, page: str, name: str, said: str) -> None:
    before = kept()
    address, file = TAKES[page]
    shown = send(signed_in(people.alice), reverse(address, args=[people.circle.code]), {"text": file(name)})
    assert said in shown
    assert "Line " in shown
    assert kept() == before


def test_nor_does_the_text_of_a_journey_that_is_changed(people: Cast) -> None:
    own = journey_copy(circle=people.circle, definition=shipped_definitions()["first_six"], name="Ours", now=NOW)
    path = reverse("journeys:edit", args=[own.ref])
    typed = {"text": a_journey("Ou\0rs"), "seen": 1}
    assert STORED in send(signed_in(people.alice), path, typed)
    assert own.versions.count() == 1


def test_joined_emoji_and_other_scripts_are_texts(people: Cast) -> None:
    client = signed_in(people.alice)
    for name in ("👩‍👩‍👧 Rat", "شورى", "परिषद्", "Äh, ob das geht"):
        send(client, reverse("formats:import", args=[people.circle.code]), {"text": a_format(name)})
        send(client, reverse("journeys:import", args=[people.circle.code]), {"text": a_journey(name)})
    assert Format.objects.filter(circle=people.circle).count() == 4
    assert Journey.objects.filter(circle=people.circle).count() == 4
