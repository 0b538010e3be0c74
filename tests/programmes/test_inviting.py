"""People invited from a file or a pasted list: shown first, then all or nobody."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from programmes.models import Programme, ProgrammeInvitation
from tests.factories import make_programme, signed_in
from tests.programmes.enrolling import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(dana: User, clock: Any) -> Programme:
    return make_programme(dana, is_open=False)


def upload(client: Client, programme: Programme, raw: bytes) -> Any:
    return client.post(page("import", programme), {"file": SimpleUploadedFile("people.csv", raw)})


def test_a_file_is_shown_first_and_then_invites_all_or_nobody(programme: Programme, dana: User) -> None:
    client = signed_in(dana)
    shown = upload(client, programme, "email,site\nann@example.org,Leeds\nbob@example.org,=1+1\n".encode("utf-16"))
    assert "2 people are in this file" in shown.content.decode()
    assert ProgrammeInvitation.objects.count() == 0
    done = client.post(page("import", programme), {"rows": shown.context["rows"]})
    assert done.url == page("people", programme)
    assert {one.email: one.facts for one in ProgrammeInvitation.objects.all()} == {
        "ann@example.org": {"location": "Leeds"},
        "bob@example.org": {"location": "=1+1"},
    }


def test_a_file_with_a_mistake_invites_nobody_and_names_the_line(programme: Programme, dana: User) -> None:
    shown = upload(signed_in(dana), programme, b"email\nann@example.org\nnobody\n").content.decode()
    assert "Line 3:" in shown
    assert "This is no email address" in shown
    assert 'name="rows"' not in shown


def test_pasted_names_are_kept_shown_and_stand_in_the_field_for_ones_own(programme: Programme, dana: User) -> None:
    client = signed_in(dana)
    pasted = "Zo\u00eb Baker <zoe@example.org>; nobody\n" + "\n".join(f"p{at}@example.org" for at in range(40))
    answer = client.post(page("people", programme), {"people": pasted}, follow=True).content.decode()
    assert "41 invitations are on their way" in answer
    assert "Zo\u00eb Baker" in answer
    assert ">\nnobody</textarea>" in answer
    assert ">\nnobody</textarea>" not in client.get(page("people", programme)).content.decode()
    token = ProgrammeInvitation.objects.get(email="zoe@example.org").secret
    visitor = Client()
    visitor.get(page("invitation_open", programme, token=token), follow=True)
    assert visitor.get("/sign/signup/").context["form"]["name"].value() == "Zo\u00eb Baker"
    assert Client().get("/sign/signup/").context["form"]["name"].value() in ("", None)
    many = "\n".join(f"q{at}@example.org" for at in range(301))
    refused = client.post(page("people", programme), {"people": many}).content.decode()
    assert "These are 301 addresses. Enter at most 300 at once." in refused


def test_equal_mistakes_are_said_once(programme: Programme, dana: User) -> None:
    raw = "email,manager\n" + "".join(f"p{at}@example.org,The Boss\n" for at in range(60))
    shown = upload(signed_in(dana), programme, raw.encode())
    assert [lines for lines, _words in shown.context["mistakes"]] == ["2, 3, 4, 5, 6, 7, 8, 9 and 52 more"]


def test_columns_that_nobody_knows_are_matched_by_hand(programme: Programme, dana: User) -> None:
    client = signed_in(dana)
    shown = upload(client, programme, b"Kontakt,Wer,Ort\nann@example.org,Ann,Leeds\n")
    assert "Say below which one" in shown.content.decode()
    form = {"table": shown.context["table"], "column-0": "email", "column-1": "name", "column-2": "location"}
    twice = client.post(page("import", programme), form | {"column-2": "name"})
    assert "Two columns cannot both be this: Name." in twice.content.decode()
    again = client.post(page("import", programme), form)
    assert "1 person is in this file" in again.content.decode()
    client.post(page("import", programme), {"rows": again.context["rows"]})
    assert ProgrammeInvitation.objects.get().facts == {"name": "Ann", "location": "Leeds"}
    for forged in (shown.context["table"] + "x", again.context["rows"], ""):
        assert client.post(page("import", programme), {"table": forged}).status_code == 302
    assert client.post(page("import", programme), {"rows": shown.context["table"]}).status_code == 302


def test_letters_that_a_file_does_not_name_are_said_and_can_be_chosen(programme: Programme, dana: User) -> None:
    client = signed_in(dana)
    raw = "email,name\nann@example.org,O\u2019Connor \u0160imkov\u00e1\n".encode("cp1252")
    shown = upload(client, programme, raw).content.decode()
    assert "O\u2019Connor \u0160imkov\u00e1" in shown
    assert "Windows, Western Europe\u201d: look whether" in shown
    file = SimpleUploadedFile("people.csv", "email,name\nann@example.org,Dvo\u0159\u00e1k\n".encode("cp1250"))
    chosen = client.post(page("import", programme), {"file": file, "letters": "cp1250"})
    assert "Dvo\u0159\u00e1k" in chosen.content.decode()


def test_a_preview_cannot_be_forged_or_carried_to_another_programme(programme: Programme, dana: User) -> None:
    client = signed_in(dana)
    rows = upload(client, programme, b"email\nann@example.org\n").context["rows"]
    other = make_programme(dana, name="Another")
    for path, value in ((page("import", other), rows), (page("import", programme), rows + "x")):
        assert client.post(path, {"rows": value}).status_code == 302
    assert ProgrammeInvitation.objects.count() == 0


def test_a_file_of_a_megabyte_is_refused_without_a_fault(programme: Programme, dana: User) -> None:
    assert upload(signed_in(dana), programme, b"email\n" + b"x" * 1_100_000).status_code == 413
