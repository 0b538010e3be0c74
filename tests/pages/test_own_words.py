"""One's own words: all listed, each deleted at once, carried away as a file; nobody else's."""

import csv
import html
import json
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.refusals import Refused
from accounts.services import availability_add
from agreements.commitment_services import CommitmentDetails, commitment_make, progress_note, step_add
from agreements.enums import Stance
from agreements.models import Commitment, CommitmentEntry, ProposalResponse
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
from agreements.selectors import in_force
from circles.covenant_services import farewell_write
from circles.membership_services import member_leave
from circles.models import AuditEntry, CovenantVote, Membership
from circles.sealed import SealedModel, SealedTextField
from circles.selectors import covenant_of
from circles.services import coming_plan_write, goal_write, self_run_say
from notifications.services import preference_set
from pages.ending_services import circle_close
from pages.own_words import NOBODYS, OWN, words_of
from pages.own_words_services import export_make, words_delete
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, quote_offer
from sessions.enums import ShelfKind
from sessions.journeys.library import journey_version_of
from sessions.live.writing_services import note_write
from sessions.models import (
    CheckOut,
    CircleSession,
    Issue,
    JourneyTaken,
    Note,
    Participation,
    PollAnswer,
    SentenceOffer,
    SheetAnswer,
)
from sessions.planning.bringing_services import issue_bring
from sessions.planning.journey_services import journey_take
from sessions.planning.poll_services import poll_start
from sessions.shelf.lendable import Lendable
from sessions.shelf.services import shelf_answer, shelf_ask
from tests.factories import NOW, PASSWORD, Cast, make_programme, make_session, sign, signed_in

pytestmark = pytest.mark.django_db
MINE, THEIRS = "words of bob", "words of carol"


def test_every_sealed_field_is_somebodys_own_or_says_why_not() -> None:
    listed = {(own.model, name) for own in OWN for name in own.fields}
    sealed = {
        (model, field.name)
        for model in apps.get_models()
        if issubclass(model, SealedModel)
        for field in model._meta.fields
        if isinstance(field, SealedTextField)
    }
    assert listed | set(NOBODYS) == sealed
    assert listed & set(NOBODYS) == set()


def write_everything(people: Cast, user: Any, text: str) -> CircleSession:
    """One of each kind of words, by one person."""
    session = make_session(people.circle, people.alice, in_=timedelta(days=3 + user.pk))
    issue_bring(session=session, owner=user, title=text, text=text, ask="listen")
    taken = JourneyTaken.objects.filter(circle=people.circle).first() or journey_take(
        circle=people.circle, version=journey_version_of("first_six"), by=user, now=NOW
    )
    leg = taken.legs.get(number=0)
    SheetAnswer(leg=leg, owner=user, question=0, vault=people.circle.vault, text=text, written_at=NOW).save()
    Note(session=session, author=user, vault=people.circle.vault, text=text).save()
    part = Participation.objects.get(session=session, user=user)
    CheckOut(participation=part, vault=people.circle.vault, insight=text, at=NOW).save()
    promise = commitment_make(
        circle=people.circle, owner=user, details=CommitmentDetails(text, NOW.date(), None), now=NOW
    )
    progress_note(commitment=promise, text=text, now=NOW)
    step_add(commitment=promise, text=text)
    _version, clauses = in_force(people.circle)
    at = 0 if user == people.bob else 1
    made = proposal_make(
        circle=people.circle, details=ProposalDetails(change="drop", why=text, line=clauses[at].line), by=user, now=NOW
    )
    proposal_respond(proposal=made, user=user, stance="yes", comment=text, now=NOW)
    clause = Lendable(ShelfKind.CLAUSE, theme=clauses[at].theme, text=str(clauses[at].text))
    lent = shelf_ask(circle=people.circle, thing=clause, helped="Once.", by=user, now=NOW)
    shelf_answer(item=lent, user=user, stance=Stance.YES, comment=text, now=NOW)
    SentenceOffer(circle=people.circle, user=user, vault=people.circle.vault, text=text, offered_at=NOW).save()
    covenant = covenant_of(people.circle)
    assert covenant
    goal_write(covenant=covenant, user=user, text=text, now=NOW)
    coming_plan_write(circle=people.circle, user=user, text=text, now=NOW)
    farewell_write(circle=people.circle, user=user, thanks=text, takes=text, now=NOW)
    programme = make_programme(people.erin, name=f"Programme {at}")
    yes = EnrolmentDetails(motive=text, offers=text, facts={"function": text}, together=("x@example.org",))
    enrolment_make(programme=programme, user=user, yes=yes, now=NOW)
    quote_offer(programme=programme, user=user, text=text, with_name=False, now=NOW)
    return session


def test_the_list_has_one_of_each_kind_and_nothing_of_others(people: Cast, clock: Any) -> None:
    write_everything(people, people.bob, MINE)
    write_everything(people, people.carol, THEIRS)
    assert {one.key for one in words_of(people.bob)} == {own.key for own in OWN}
    page = signed_in(people.bob).get("/account/words/").content.decode()
    assert MINE in page
    assert THEIRS not in page


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.key)
def test_each_is_deleted_at_once_and_only_by_its_writer(people: Cast, clock: Any, own: Any) -> None:
    write_everything(people, people.bob, MINE)
    one = next(words for words in words_of(people.bob) if words.key == own.key)
    assert not words_delete(user=people.carol, key=one.key, code=one.code, now=NOW)
    path = reverse("pages:own_words_delete", args=[one.key, one.code])
    assert signed_in(people.carol).post(path).status_code == 404
    assert signed_in(people.bob).post(path).url == "/account/words/"
    assert own.key not in {words.key for words in words_of(people.bob)}
    table = own.model._meta.db_table
    with connection.cursor() as cursor:
        for name in own.fields:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE length({name}) > 0")
            assert cursor.fetchone()[0] == 0


def test_what_counts_for_something_stays_as_a_count(people: Cast, clock: Any) -> None:
    write_everything(people, people.bob, MINE)
    for words in words_of(people.bob):
        words_delete(user=people.bob, key=words.key, code=words.code, now=NOW)
    assert words_of(people.bob) == []
    assert (CheckOut.objects.count(), ProposalResponse.objects.count()) == (1, 1)
    assert (Issue.objects.count(), Commitment.objects.count()) == (0, 0)


def test_somebody_who_has_left_still_reaches_their_words(people: Cast, clock: Any) -> None:
    session = write_everything(people, people.bob, MINE)
    note_write(session=session, author=people.bob, text=MINE)
    Membership.objects.filter(user=people.bob).update(left_at=NOW)
    client = signed_in(people.bob)
    assert client.get(reverse("pages:circle", args=[people.circle.code])).status_code == 404
    assert MINE in client.get("/account/words/").content.decode()
    with ZipFile(BytesIO(export_make(user=people.bob, now=NOW))) as file:
        assert MINE in file.read("words.csv").decode()
    for one in words_of(people.bob):
        client.post(reverse("pages:own_words_delete", args=[one.key, one.code]))
    assert words_of(people.bob) == []


@pytest.mark.parametrize("more", [1, 9])
def test_the_list_costs_the_same_with_few_words_and_many(people: Cast, clock: Any, more: int) -> None:
    promise = commitment_make(
        circle=people.circle, owner=people.bob, details=CommitmentDetails("w", NOW.date(), None), now=NOW
    )
    for at in range(more):
        step_add(commitment=promise, text=f"step {at}")
    client = signed_in(people.bob)
    client.get("/account/words/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/words/")
    # And one for what stands on the shelf without their name.
    assert len(queries) == 4 + len(OWN)


def test_the_file_holds_everything_of_ones_own_and_nobody_elses(people: Cast, clock: Any) -> None:
    write_everything(people, people.bob, "=words of bob")
    write_everything(people, people.carol, THEIRS)
    with ZipFile(BytesIO(export_make(user=people.bob, now=NOW))) as file:
        assert sorted(file.namelist()) == ["everything.json", "read-me.html", "sessions.csv", "words.csv"]
        whole = b"".join(file.read(name) for name in file.namelist()).decode("utf-8-sig")
        told = json.loads(file.read("everything.json"))
        rows = list(csv.reader(StringIO(file.read("words.csv").decode("utf-8-sig"))))
    assert THEIRS not in whole
    assert "carol@example.org" not in whole
    assert {one["what"] for one in told["words"]} == {str(own.label) for own in OWN}
    assert told["account"]["email"] == "bob@example.org"
    assert [one["circle__name"] for one in told["circles"]] == ["Alder circle"]
    assert len(rows) == 1 + len(told["words"])
    assert {len(row) for row in rows} == {4}
    assert all(row[3].startswith("'=") for row in rows[1:] if row[3].lstrip("'").startswith("="))


def test_the_file_has_a_page_to_read_and_what_one_signed_and_answered(people: Cast, clock: Any) -> None:
    """Hours name their zone; the text of an agreement goes along as long as its signer is in the circle."""
    sign(people.circle, people.bob)
    write_everything(people, people.bob, MINE)
    write_everything(people, people.carol, THEIRS)
    self_run_say(circle=people.circle, user=people.bob, yes=True, now=NOW)
    CovenantVote.objects.create(covenant=people.circle.covenants.get(), user=people.bob, choice="carry_on")
    poll = poll_start(
        circle=people.circle, starts=[NOW.replace(tzinfo=None, day=20)], zone="UTC", by=people.alice, now=NOW
    )
    PollAnswer.objects.create(option=poll.options.get(), user=people.bob, level="good")
    availability_add(user=people.bob, weekdays=[1], start=480, end=720, level="good")
    preference_set(user=people.bob, kind="session_scheduled", channel="bell")
    _version, clauses = in_force(people.circle)
    clause = str(clauses[0].text)
    for inside in (True, False):
        if not inside:
            member_leave(membership=Membership.objects.get(circle=people.circle, user=people.bob), now=NOW)
        with ZipFile(BytesIO(export_make(user=people.bob, now=NOW))) as file:
            page = html.unescape(file.read("read-me.html").decode())
            told = json.loads(file.read("everything.json"))
        assert "Hours on this page are in London time; in the other files they are in UTC." in page
        assert (clause in page, clause in told["signed"][0]["text"]) == (inside, inside)
        assert told["hours"] == "UTC"
        assert told["can meet"] == [{"weekday": 1, "start": 480, "end": 720, "level": "good"}]
        assert [(one["kind"], one["channel"]) for one in told["hears of"]] == [("session_scheduled", "bell")]
        assert [one["status"] for one in told["commitments"]] == ["open"]
        assert THEIRS not in page + json.dumps(told)
        if inside:
            assert [(one["what"], one["answer"]) for one in told["answers"]] == [
                ("A proposal", "yes"), ("What next", "Carry on"), ("The circle runs itself", "yes"), ("A time", "good"),
            ]  # fmt: skip


def test_the_file_asks_for_a_fresh_sign_in_and_is_limited(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    assert client.get("/account/export/").url.startswith("/sign/reauthenticate/")
    client.post("/sign/reauthenticate/", {"password": PASSWORD})
    assert client.get("/account/export/").status_code == 200
    for _time in range(5):
        answer = client.post("/account/export/")
        assert answer["Content-Disposition"] == 'attachment; filename="talking-piece-2027-01-11.zip"'
        assert "no-store" in answer["Cache-Control"]
    assert client.post("/account/export/", follow=True).redirect_chain == [("/account/export/", 302)]
    assert AuditEntry.objects.filter(verb="exported", actor=people.bob).count() == 5


def test_an_export_holds_everything_however_much_it_is(people: Cast, clock: Any) -> None:
    promise = commitment_make(
        circle=people.circle, owner=people.bob, details=CommitmentDetails(MINE, NOW.date(), None), now=NOW
    )
    for number in range(510):
        CommitmentEntry(commitment=promise, vault=promise.vault, text=f"entry {number}", at=NOW).save()
    with ZipFile(BytesIO(export_make(user=people.bob, now=NOW))) as file:
        words = json.loads(file.read("everything.json"))["words"]
        assert len(file.read("words.csv").decode().splitlines()) == 512
    assert sum(one["words"][0].startswith("entry ") for one in words) == 510


def test_words_of_a_closed_circle_are_still_deleted_at_any_time(people: Cast, clock: Any) -> None:
    write_everything(people, people.bob, MINE)
    circle_close(circle=people.circle, by=people.alice, now=NOW)
    client = signed_in(people.bob)
    for one in words_of(people.bob):
        client.post(reverse("pages:own_words_delete", args=[one.key, one.code]))
    assert words_of(people.bob) == []


def test_an_export_is_made_five_times_a_day(people: Cast) -> None:
    for _again in range(5):
        export_make(user=people.bob, now=NOW)
    with pytest.raises(Refused, match="five times today"):
        export_make(user=people.bob, now=NOW + timedelta(days=1) - timedelta(microseconds=1))
    assert export_make(user=people.carol, now=NOW)
    assert export_make(user=people.bob, now=NOW + timedelta(days=1))
