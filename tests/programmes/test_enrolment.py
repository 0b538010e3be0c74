"""Taking part in a programme: everybody's own yes, invitations, files, places, withdrawing."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Availability, User
from accounts.refusals import Refused
from circles.models import Circle, Covenant, Membership
from notifications.models import Message
from notifications.outbox import turn
from programmes.asking_services import admin_add, admin_remove
from programmes.enrolment_services import (
    FORGOTTEN_AFTER,
    INVITATION_LIVES,
    Yes,
    enrol,
    enrolment_withdraw,
    invitation_withdraw,
    invitations_prune,
    over_tell_due,
    people_invite,
)
from programmes.enums import EnrolmentStatus
from programmes.forms import ProgrammeForm
from programmes.models import Enrolment, Programme, ProgrammeInvitation, Round, RoundCircle
from programmes.services import ProgrammeWish, programme_end, programme_update, programmes_empty
from programmes.tokens import token_for
from sessions.models import CircleSession
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_programme, make_session, make_user, signed_in
from tests.programmes.test_figures import in_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(db: None) -> User:
    return make_user("Dana Diaz")


@pytest.fixture
def programme(dana: User, clock: Any) -> Programme:
    return make_programme(dana, is_open=False)


def page(name: str, programme: Programme, **kwargs: object) -> str:
    return reverse(f"programmes:{name}", kwargs={"code": programme.code} | kwargs)


YES = {"motive": "To think aloud", "offers": "", "times-weekdays": ["0", "2"], "times-start": "540", "times-end": "720",
       "times-level": "good"}  # fmt: skip


def test_setting_a_programme_up_is_for_those_who_run_the_server(dana: User, clock: Any) -> None:
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True, time_zone="Europe/London")
    client = signed_in(sue)
    form = client.get("/programmes/start/").context["form"]
    started = {name: value for name, value in form.initial.items() if value not in (None, False)}
    answer = client.post("/programmes/start/", started | {"name": "Leading well"})
    made = Programme.objects.get()
    assert answer.url == page("people", made)
    assert [row.user for row in made.admins.all()] == [sue]
    assert signed_in(dana).get("/programmes/start/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"ends_on": "2026-01-01"}, "ends_on"),
        ({"ends_on": "2036-01-01"}, "ends_on"),
        ({"starts_on": "0001-01-01", "ends_on": "0001-02-01"}, "starts_on"),
        ({"max_size": "3"}, "max_size"),
        ({"min_size": "99999999999999999999"}, "min_size"),
        ({"kickoff_date": "2027-02-01"}, "kickoff_time"),
        ({"format_key": "nothing"}, "format_key"),
        ({"asks": ["shoe_size"]}, "asks"),
        ({"places": "1"}, "places"),
    ],
)
def test_mistakes_in_a_programme_stand_beside_their_field(
    programme: Programme, dana: User, changes: dict[str, Any], field: str
) -> None:
    client = signed_in(dana)
    path = page("settings", programme)
    started = client.get(path).context["form"].initial
    form = {name: value for name, value in started.items() if value not in (None, False)} | changes
    answer = client.post(path, form)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    programme.refresh_from_db()
    assert programme.name == "Leading well"


def test_a_personal_invitation_leads_to_a_persons_own_yes(programme: Programme, dana: User, clock: Any) -> None:
    people_invite(
        programme=programme, people={"bob@example.org": {"function": "Finance", "name": "Bob"}}, by=dana, now=NOW
    )
    turn()
    assert mail.outbox[0].subject == "Dana Diaz invites you to Leading well"
    invitation = ProgrammeInvitation.objects.get()
    link = page("invitation_open", programme, token=token_for(invitation))
    assert link in str(mail.outbox[0].body)
    visitor = Client()
    assert visitor.get(page("join", programme)).status_code == 404
    shown = visitor.get(link, follow=True)
    assert shown.status_code == 200
    assert token_for(invitation) not in shown.content.decode()
    assert may_sign_up(visitor)
    bob = make_user("Bob Baker")
    client = signed_in(bob)
    assert client.get(link).url == page("join", programme)
    shown = client.get(page("join", programme))
    assert shown.context["form"].initial["function"] == "Finance"
    assert Enrolment.objects.count() == 0
    answer = client.post(page("join", programme), YES | {"function": "Finance", "apart": "erin@example.org"})
    assert answer.url == page("mine", programme)
    row = Enrolment.objects.get()
    assert (row.status, row.motive, row.facts, row.apart) == (
        "enrolled", "To think aloud", {"function": "Finance"}, "erin@example.org",
    )  # fmt: skip
    assert Availability.objects.filter(user=bob).count() == 2
    invitation.refresh_from_db()
    assert invitation.used_at == NOW
    assert Client().get(link, follow=True).status_code == 404


def may_sign_up(visitor: Client) -> bool:
    return b'name="password1"' in visitor.get("/sign/signup/").content


def test_a_door_to_sign_up_is_as_open_as_what_leads_to_it(
    programme: Programme, dana: User, clock: Any, settings: Any
) -> None:
    """Withdrawn, or used for one account: it lets nobody make another on a site that is closed."""
    settings.REGISTRATION = "invite"
    people_invite(programme=programme, people={"bob@example.org": {}, "carol@example.org": {}}, by=dana, now=NOW)
    first, second = ProgrammeInvitation.objects.order_by("email")
    visitor = Client()
    assert not may_sign_up(visitor)
    visitor.get(page("invitation_open", programme, token=token_for(first)), follow=True)
    assert may_sign_up(visitor)
    invitation_withdraw(invitation=first, now=NOW)
    assert not may_sign_up(visitor)
    visitor.get(page("invitation_open", programme, token=token_for(second)), follow=True)
    form = {"name": "Carol", "email": "carol@example.org", "password1": PASSWORD, "time_zone": "Europe/London"}
    visitor.post("/sign/signup/", form)
    assert User.objects.filter(email="carol@example.org").exists()
    assert "may_sign_up" not in visitor.session


def test_an_invitation_is_for_the_address_it_was_sent_to(programme: Programme, dana: User, clock: Any) -> None:
    people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    link = page("invitation_open", programme, token=token_for(ProgrammeInvitation.objects.get()))
    client = signed_in(make_user("Erin Else"))
    shown = client.get(link, follow=True).content.decode()
    assert "This invitation was sent to another address" in shown
    client.post(page("join", programme), YES)
    assert Enrolment.objects.count() == 0


def test_an_open_programme_is_open_to_everybody_with_its_address(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    assert Client().get(page("join", programme)).status_code == 200
    erin = make_user("Erin Else")
    signed_in(erin).post(page("join", programme), YES)
    assert Enrolment.objects.get().user == erin


def test_refusals_say_why_and_keep_what_was_typed(dana: User, clock: Any) -> None:
    programme = make_programme(dana, enrol_until=(NOW - timedelta(days=1)).date())
    answer = signed_in(make_user("Erin Else")).post(page("join", programme), YES)
    assert "The last day to ask for a place has passed" in answer.content.decode()
    assert "To think aloud" in answer.content.decode()
    assert Enrolment.objects.count() == 0
    bad = {"together": "nobody", "apart": "erin@example.org", "manager": "erin@example.org"}
    answer = signed_in(User.objects.get(name="Erin Else")).post(page("join", programme), YES | bad)
    assert sorted(answer.context["form"].errors) == ["apart", "manager", "together"]


def test_wishes_contradict_each_other(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    both = {"together": "x@example.org", "apart": "x@example.org"}
    answer = signed_in(make_user("Erin Else")).post(page("join", programme), YES | both)
    assert answer.context["form"].errors["apart"] == ["You name the same person in both."]


def test_full_programmes_have_a_waiting_list_that_moves_up_in_turn(dana: User, clock: Any) -> None:
    programme = make_programme(dana, places=2)
    rows = [
        enrol(
            programme=programme, user=make_user(f"Person{at} X"), yes=Yes(motive="w"), now=NOW + timedelta(minutes=at)
        )
        for at in range(4)
    ]
    assert [row.status for row in rows] == ["enrolled", "enrolled", "waiting", "waiting"]
    enrolment_withdraw(enrolment=rows[0], now=NOW)
    statuses = list(Enrolment.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["withdrawn", "enrolled", "enrolled", "waiting"]
    rows[0].refresh_from_db()
    assert (rows[0].motive, rows[0].facts) == ("", {})
    assert Message.objects.filter(kind="programme_place_free").get().user == rows[2].user
    again = enrol(programme=programme, user=rows[0].user, yes=Yes(), now=NOW)
    assert (again.pk, again.status) == (rows[0].pk, "waiting")


def test_more_places_go_to_those_who_wait(dana: User, clock: Any) -> None:
    programme = make_programme(dana, places=2)
    for at in range(4):
        enrol(programme=programme, user=make_user(f"Person{at} X"), yes=Yes(), now=NOW)
    client = signed_in(dana)
    started = client.get(page("settings", programme)).context["form"].initial
    form = {name: value for name, value in started.items() if value not in (None, False)}
    client.post(page("settings", programme), form | {"places": "3"})
    statuses = list(Enrolment.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["enrolled", "enrolled", "enrolled", "waiting"]
    client.post(page("settings", programme), form | {"places": ""})
    assert set(Enrolment.objects.values_list("status", flat=True)) == {"enrolled"}


def test_people_are_invited_once_and_asked_again_only_after_they_withdrew(programme: Programme, dana: User) -> None:
    bob = make_user("Bob Baker")
    first = people_invite(programme=programme, people={"bob@example.org": {}, "x@example.org": {}}, by=dana, now=NOW)
    assert (first.sent, first.already_in, first.already_invited) == (2, (), ())
    second = people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    assert (second.sent, second.already_invited) == (0, ("bob@example.org",))
    held = ProgrammeInvitation.objects.get(email="bob@example.org")
    row = enrol(programme=programme, user=bob, yes=Yes(), now=NOW, invitation=held)
    third = people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    assert (third.sent, third.already_in) == (0, ("bob@example.org",))
    enrolment_withdraw(enrolment=row, now=NOW)
    assert people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW).sent == 1


def test_a_withdrawn_or_expired_invitation_opens_nothing(programme: Programme, dana: User, clock: Any) -> None:
    people_invite(programme=programme, people={"a@example.org": {}, "b@example.org": {}}, by=dana, now=NOW)
    one, other = ProgrammeInvitation.objects.order_by("email")
    client = signed_in(dana)
    client.post(page("invitation_withdraw", programme, invitation=one.code))
    assert Client().get(page("invitation_open", programme, token=token_for(one)), follow=True).status_code == 404
    clock.move_to(NOW + timedelta(days=60))
    assert Client().get(page("invitation_open", programme, token=token_for(other)), follow=True).status_code == 404
    invitation_withdraw(invitation=other, now=NOW)
    turn()
    assert mail.outbox == []


def test_whoever_never_answers_is_forgotten_a_month_after_their_invitation_ran_out(
    programme: Programme, dana: User, clock: Any
) -> None:
    facts = {"function": "Data"}
    people_invite(programme=programme, people={f"p{at}@example.org": facts for at in range(3)}, by=dana, now=NOW)
    turn()
    said, withdrawn, _silent = ProgrammeInvitation.objects.order_by("email")
    enrol(programme=programme, user=make_user("Pia P", email=said.email), yes=Yes(), now=NOW, invitation=said)
    invitation_withdraw(invitation=withdrawn, now=NOW)

    def known() -> list[str]:
        rows = ProgrammeInvitation.objects.order_by("pk")
        return [one.email.partition("@")[2] for one in rows if one.facts]

    assert invitations_prune(now=NOW + FORGOTTEN_AFTER - timedelta(seconds=1)) == 0
    assert invitations_prune(now=NOW + FORGOTTEN_AFTER) == 1
    assert len(known()) == 2
    over = NOW + INVITATION_LIVES + FORGOTTEN_AFTER
    assert invitations_prune(now=over - timedelta(seconds=1)) == 0
    assert invitations_prune(now=over) == 1
    assert invitations_prune(now=over) == 0
    assert list(ProgrammeInvitation.objects.filter(email__endswith="example.org")) == [said]
    assert Message.objects.filter(kind="programme_invitation").values_list("email", flat=True).get() == said.email
    assert ProgrammeInvitation.objects.values("email").distinct().count() == 3, "how many were invited stays"
    assert b"30 days after" in signed_in(dana).get(page("people", programme)).content


def test_the_form_names_who_reads_what_is_said_with_a_yes(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    admin_add(programme=programme, user=make_user("Omar Other"), now=NOW)
    text = signed_in(make_user("Pia P")).get(page("join", programme)).content.decode()
    assert (
        "now Dana Diaz, Omar Other; by nobody else. Should somebody join them, you hear of it three days before" in text
    )


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
    token = token_for(ProgrammeInvitation.objects.get(email="zoe@example.org"))
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


def test_answers_are_sealed_and_go_with_the_yes(programme: Programme, dana: User) -> None:
    row = enrol(
        programme=make_programme(dana),
        user=make_user("Bob Baker"),
        yes=Yes(motive="CANARY", apart=("c@example.org",)),
        now=NOW,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT motive, apart, attributes FROM programmes_enrolment WHERE id = %s", [row.pk])
        held = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"CANARY" not in held
    assert b"c@example.org" not in held


def test_nobody_but_its_writer_reads_a_wish_not_to_be_with_somebody(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    bob = make_user("Bob Baker")
    yes = Yes(motive="Bob writes why", apart=("secret-person@example.org",))
    enrol(programme=programme, user=bob, yes=yes, now=NOW)
    admins = signed_in(dana)
    admins.post(page("forming", programme), {"first_on": "2027-02-01"})
    for name in ("people", "forming", "overview", "export", "report", "evaluation"):
        text = admins.get(page(name, programme)).content.decode()
        assert "secret-person" not in text, name
    assert "Bob writes why" in admins.get(page("people", programme)).content.decode()
    assert "secret-person" in signed_in(bob).get(page("join", programme)).content.decode()


def test_withdrawing_deletes_what_was_written_and_asks_no_reason(dana: User, clock: Any) -> None:
    """One press, no field; a circle one is in already stays theirs."""
    programme = make_programme(dana)
    bob = make_user("Bob Baker")
    row = enrol(programme=programme, user=bob, yes=Yes(motive="A reason", apart=("x@example.org",)), now=NOW)
    circle = make_circle(make_user("Ann Archer"), [bob])
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date())
    RoundCircle.objects.create(round=made, circle=circle)
    client = signed_in(bob)
    mine = client.get(page("mine", programme)).content.decode()
    form = mine[mine.index(page("withdraw", programme)) :].split("</form>")[0]
    assert set(re.findall(r'name="(\w+)"', form)) == {"csrfmiddlewaretoken", "form_key"}
    client.post(page("withdraw", programme))
    row.refresh_from_db()
    assert (row.status, row.motive, row.apart, row.facts) == ("withdrawn", "", "", {})
    assert Membership.objects.get(circle=circle, user=bob).left_at is None


def test_other_settings_leave_circles_that_were_made_as_they_are(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    circle = make_circle(dana)
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date())
    RoundCircle.objects.create(round=made, circle=circle)
    make_session(circle, dana)
    before = [list(model.objects.order_by("pk").values()) for model in (Circle, CircleSession, Covenant)]
    wish = ProgrammeForm.of(programme) | {"sessions": 9, "min_size": 2, "max_size": 12, "minutes": 45}
    programme_update(programme=programme, wish=ProgrammeWish(**wish), now=NOW)
    assert [list(model.objects.order_by("pk").values()) for model in (Circle, CircleSession, Covenant)] == before


def test_nothing_is_said_about_a_question_that_is_not_asked(dana: User, clock: Any) -> None:
    """With whom people would rather not be: said where it is asked, on every page of a programme."""
    for asks, said in ((["apart"], True), ([], False)):
        programme = make_programme(dana, name=f"Asks {len(asks)}", asks=asks)
        texts = [
            signed_in(dana).get(page("people", programme)),
            signed_in(make_user("Bob Baker" if said else "Ann Archer")).get(page("join", programme)),
        ]
        for text in (answer.content.decode() for answer in texts):
            assert ("Wishes with whom" in text or "with whom you would rather not be" in text) == said


def test_the_note_for_a_manager_names_hours_and_nothing_else(dana: User, clock: Any) -> None:
    programme = make_programme(dana, purpose="To lead well", practice=True)
    bob = make_user("Bob Baker")
    enrol(programme=programme, user=bob, yes=Yes(motive="private"), now=NOW)
    text = signed_in(bob).get(page("note", programme)).content.decode()
    assert "14 hours" in text  # six sessions of two hours, and the one to practise
    assert "6 and one before them, to practise" in text
    assert "What you will never be told" in text
    assert "ask those who administer it: Dana" in text
    assert "private" not in text


def test_the_note_for_a_manager_says_where_things_stand(dana: User, clock: Any) -> None:
    """Nobody takes part who is in line, or waits for a circle; a circle's dates name their zone."""
    programme = make_programme(dana, places=1, practice=False)
    first, second = make_user("Bob Baker"), make_user("Ann Archer")
    for user in (first, second):
        enrol(programme=programme, user=user, yes=Yes(), now=NOW)
    text = signed_in(first).get(page("note", programme)).content.decode()
    assert "Bob Baker has asked to take part in" in text
    assert "12 hours" in text
    assert "to practise" not in text
    assert "Ann Archer is in line for a place in" in signed_in(second).get(page("note", programme)).content.decode()
    circle = make_circle(first)
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date())
    RoundCircle.objects.create(round=made, circle=circle)
    make_session(circle, first)
    text = signed_in(first).get(page("note", programme)).content.decode()
    assert "Bob Baker takes part in" in text
    assert "The dates, in London time:" in text


def test_a_programme_is_always_somebodys(programme: Programme, dana: User) -> None:
    with pytest.raises(Refused):
        admin_remove(programme=programme, user=dana, now=NOW)
    bob = make_user("Bob Baker")
    admin_add(programme=programme, user=bob, now=NOW)
    admin_add(programme=programme, user=bob, now=NOW)
    admin_remove(programme=programme, user=dana, now=NOW)
    assert [row.user for row in programme.admins.all()] == [bob]
    assert signed_in(dana).get(page("overview", programme)).status_code == 404


def test_an_ended_programme_takes_nobody_in(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    programme_end(programme=programme, now=NOW)
    programme.refresh_from_db()
    with pytest.raises(Refused, match="over"):
        enrol(programme=programme, user=make_user("Bob Baker"), yes=Yes(), now=NOW)
    assert EnrolmentStatus.ENROLLED not in Enrolment.objects.values_list("status", flat=True)


def test_an_ended_programme_invites_nobody_and_tells_those_who_wait(dana: User, clock: Any, settings: Any) -> None:
    settings.REGISTRATION = "invite"
    programme = make_programme(dana, places=1)
    bob, carol, dave = (make_user(name) for name in ("Bob Baker", "Carol Cook", "Dave Dyer"))
    for at, user in enumerate((bob, carol)):
        enrol(programme=programme, user=user, yes=Yes(), now=NOW + timedelta(seconds=at))
    people_invite(programme=programme, people={dave.email: {}}, by=dana, now=NOW)
    sent = token_for(ProgrammeInvitation.objects.get())
    assert signed_in(dana).post(page("end", programme)).status_code == 302
    programme.refresh_from_db()
    programme_end(programme=programme, now=NOW)
    turn()
    ended = [message for message in mail.outbox if message.subject == "Leading well has ended"]
    assert sorted(message.to[0] for message in ended) == [bob.email, carol.email]
    assert "none will come for you from this one" in str(ended[0].body)
    assert dave.email not in [message.to[0] for message in mail.outbox]
    # Whoever leads it is told at once, and nothing is said to be on its way.
    client = signed_in(dana)
    said = client.post(page("people", programme), {"people": "erin@example.org"}, follow=True).content.decode()
    assert "This programme is over." in said
    assert "on its way" not in said
    assert ProgrammeInvitation.objects.count() == 1
    assert b"nobody can be invited any more" in client.get(page("people", programme)).content
    # Whoever holds a link reads why it leads nowhere; nobody can make an account for it.
    visitor = Client()
    shown = visitor.get(reverse("programmes:invitation_open", args=[programme.code, sent]), follow=True).content
    assert b"This programme is over, so nobody can come in any more." in shown
    assert not may_sign_up(visitor)
    assert (
        b"The programme has ended. No more circles are made in it."
        in signed_in(carol).get(page("mine", programme)).content
    )


def test_a_programme_is_over_the_day_after_its_last_by_the_clock(dana: User, clock: Any) -> None:
    """Where it is: in Auckland the day after the last begins at eleven in the morning, UTC."""
    programme = make_programme(dana, ends_on=NOW.date(), time_zone="Pacific/Auckland")
    bob = make_user("Bob Baker")
    enrol(programme=programme, user=bob, yes=Yes(), now=NOW)
    over = NOW.replace(hour=11)
    assert over_tell_due(now=over - timedelta(seconds=1)) == 0
    with pytest.raises(Refused, match="over"):
        people_invite(programme=programme, people={"erin@example.org": {}}, by=dana, now=over)
    assert over_tell_due(now=over) == 1
    over_tell_due(now=over + timedelta(hours=1))
    programme_end(programme=programme, now=over + timedelta(days=1))
    assert Message.objects.filter(kind="programme_over").count() == 1
    assert over_tell_due(now=over + timedelta(days=40)) == 0


def test_what_is_said_of_deleting_at_the_end_is_what_happens(dana: User, clock: Any) -> None:
    """180 days after somebody ended it; where nobody did, a year after its last day, and its circles are counted."""
    bob = make_user("Bob Baker")
    by_hand, by_clock = make_programme(dana), make_programme(dana, name="Another", ends_on=NOW.date())
    for programme in (by_hand, by_clock):
        enrol(programme=programme, user=bob, yes=Yes(motive="w"), now=NOW)
    mail.outbox.clear()
    programme_end(programme=by_hand, now=NOW)
    clock.move_to(NOW + timedelta(days=1))
    over_tell_due(now=NOW + timedelta(days=1))
    turn()
    told = {message.subject: str(message.body) for message in mail.outbox if "has ended" in message.subject}
    assert "is deleted 180 days after the end" in told["Leading well has ended"]
    assert "is deleted a year after the last day at the latest" in told["Another has ended"]
    assert programmes_empty(now=NOW + timedelta(days=180)) == 1
    assert programmes_empty(now=NOW + timedelta(days=364)) == 0
    assert programmes_empty(now=NOW + timedelta(days=365)) == 1


def test_a_circle_of_an_ended_programme_goes_on_and_its_people_are_told_so(people: Cast, clock: Any) -> None:
    programme, _dana = in_programme(people.circle)
    Enrolment.objects.create(
        programme=programme, user=people.bob, vault=programme.vault, status=EnrolmentStatus.PLACED, asked_at=NOW
    )
    programme_end(programme=programme, now=NOW)
    turn()
    (told,) = mail.outbox
    assert "Your circle, Alder circle, goes on for as long as it likes." in str(told.body)


def test_an_invitation_to_a_full_programme_says_how_many_places_and_that_there_is_a_line(
    dana: User, clock: Any
) -> None:
    programme = make_programme(dana, places=2, enrol_until=(NOW + timedelta(days=9)).date())
    people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    turn()
    assert "It has 2 places, for those who say yes first. Say so by 20 January 2027." in str(mail.outbox[-1].body)
    for name in ("Erin Else", "Fred Fox"):
        enrol(programme=programme, user=make_user(name), yes=Yes(), now=NOW)
    people_invite(programme=programme, people={"carol@example.org": {}}, by=dana, now=NOW)
    turn()
    assert "All of its 2 places are taken at the moment: with your yes you are in line" in str(mail.outbox[-1].body)
    carol = signed_in(make_user("Carol Cook"))
    shown = carol.get(page("join", programme)).content.decode()
    assert "With your yes you are in line, and hear by mail as soon as one is free." in shown
    thanked = carol.post(page("join", programme), YES, follow=True).content.decode()
    assert "Thank you. All places are taken: you are in line" in thanked


def test_the_kick_off_is_in_the_mail_and_in_the_calendar_until_one_withdraws(dana: User, clock: Any) -> None:
    from accounts.services import feed_renew

    programme = make_programme(
        dana, kickoff_date=(NOW + timedelta(days=8)).date(), kickoff_time=time(14), kickoff_place="The hall"
    )
    bob = make_user("Bob Baker")
    row = enrol(programme=programme, user=bob, yes=Yes(), now=NOW)
    turn()
    assert "Kick-off of everybody: Tuesday 19 January, 14:00, London time, The hall." in str(mail.outbox[-1].body)
    feed = reverse("pages:feed", args=[feed_renew(user=bob, now=NOW)])
    text = Client().get(feed).content.decode()
    assert "SUMMARY:Kick-off: Leading well" in text
    assert "DTSTART:20270119T140000Z" in text
    enrolment_withdraw(enrolment=row, now=NOW)
    assert "Kick-off" not in Client().get(feed).content.decode()


def test_erasing_takes_what_was_said_in_programmes_and_gives_the_place_to_others(dana: User, clock: Any) -> None:
    from pages.erasing_services import person_erase
    from programmes.enrolment_services import quote_offer
    from programmes.models import Quote

    programme = make_programme(dana, places=1)
    bob, erin = make_user("Bob Baker"), make_user("Erin Else")
    row = enrol(programme=programme, user=bob, yes=Yes(motive="CANARY", facts={"function": "CANARY"}), now=NOW)
    waits = enrol(programme=programme, user=erin, yes=Yes(), now=NOW)
    quote_offer(programme=programme, user=bob, text="CANARY", with_name=True, now=NOW)
    people_invite(programme=programme, people={"fay@example.org": {"function": "CANARY"}}, by=dana, now=NOW)
    with pytest.raises(Refused, match="Somebody has to look after"):
        person_erase(user=dana, now=NOW)
    person_erase(user=bob, now=NOW)
    fay = make_user("Fay Fox")
    person_erase(user=fay, now=NOW)
    row.refresh_from_db()
    waits.refresh_from_db()
    assert (row.status, row.motive, row.facts, waits.status) == ("withdrawn", "", {}, "enrolled")
    assert Quote.objects.count() == 0
    invitation = ProgrammeInvitation.objects.get()
    assert (invitation.email, invitation.facts) == (f"erased-{fay.code}@erased.invalid", {})


def test_a_sentence_is_shown_exactly_as_its_writer_saw_it_and_can_be_taken_back(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    bob = make_user("Bob Baker")
    enrol(programme=programme, user=bob, yes=Yes(), now=NOW)
    client, admin = signed_in(bob), signed_in(dana)

    def figure(answer: Any) -> str:
        text = answer.content.decode()
        return text[text.index("<figure") : text.index("</figure>")] if "<figure" in text else ""

    client.post(page("mine", programme), {"text": "It <b>helped</b>.", "with_name": "on"})
    shown = figure(client.get(page("mine", programme)))
    assert "It &lt;b&gt;helped&lt;/b&gt;." in shown
    assert "Bob Baker" in shown
    there = figure(admin.get(page("evaluation", programme)))
    assert there.split("<blockquote>")[1] == shown.split("<blockquote>")[1]
    client.post(page("mine", programme), {"text": ""})
    assert figure(admin.get(page("evaluation", programme))) == ""


def test_a_mail_that_is_older_than_a_withdrawal_leads_to_a_page_that_says_so(people: Cast, clock: Any) -> None:
    programme = make_programme(people.alice, is_open=True)
    enrol(programme=programme, user=people.bob, yes=Yes(), now=NOW)
    bob, path = signed_in(people.bob), reverse("programmes:mine", args=[programme.code])
    bob.post(reverse("programmes:withdraw", args=[programme.code]))
    turn()
    assert [message.subject for message in mail.outbox] == ["You have withdrawn from Leading well"]
    shown = bob.get(path).content.decode()
    assert "You have withdrawn from Leading well" in shown
    assert "circle you are not a member of" not in shown
    assert signed_in(people.carol).get(path).status_code == 404
