"""The pages of formats: copying, changing, saving versions, files, cards, rehearsing; bad input in words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from circles.models import Membership
from sessions.formats import services
from sessions.formats.access import get_format
from sessions.formats.files import write_file
from sessions.formats.forms import AboutForm, StageForm
from sessions.formats.library import definitions, version_of
from sessions.live import rehearsal_services as rehearsing
from sessions.models import CardRead, CircleSession, Format, FormatVersion, Rehearsal
from sessions.rules.format import BEFORE, ROLES, STAGE_KINDS, TINTS
from tests.factories import NOW, Cast, make_session, signed_in


@pytest.fixture
def own(db: None, clock: Any, people: Cast) -> Format:
    return services.format_copy(circle=people.circle, definition=definitions()["council"], name="Our council", now=NOW)


@pytest.fixture
def alice(people: Cast, own: Format) -> Client:
    return signed_in(people.alice)


def edit(client: Client, format_: Format, do: str, **fields: Any) -> Any:
    format_.refresh_from_db()
    path = reverse("formats:edit", args=[format_.ref])
    return client.post(path, {"do": do, "seen": format_.draft_seq} | fields, follow=True)


STAGE = {
    "name": "Tells", "minutes": "4", "kind": "fixed", "floor": "presenter", "rule": "Only the presenter speaks.",
    "prompt": "What is it?", "least": "2:30", "most": "", "presenter": "in", "tint": "bring", "part": "",
    "principle": "", "card": "the_ask",
}  # fmt: skip


def draft(format_: Format) -> dict[str, Any]:
    format_.refresh_from_db()
    assert format_.draft is not None
    return dict(format_.draft)


def stage(format_: Format, key: str) -> dict[str, Any]:
    return next(s for b in draft(format_)["blocks"] for s in b["stages"] if s["key"] == key)


def test_a_copy_is_the_circles_own_and_leaves_the_library_alone(alice: Client, people: Cast, own: Format) -> None:
    answer = alice.post(
        reverse("formats:copy", args=["forum"]), {"circle": str(people.circle.code), "name": "Long forum"}, follow=True
    )
    assert b"This copy is your circle" in answer.content
    assert b"Long forum" in answer.content
    assert definitions()["forum"]["texts"]["name"]["en"] == "Forum"


@pytest.mark.parametrize("form", [{"name": "x"}, {"name": ""}, {"circle": "none", "name": "x"}, {"name": "x" * 61}])
def test_a_copy_for_nobody_or_without_a_name_is_refused(
    alice: Client, people: Cast, own: Format, form: dict[str, str]
) -> None:
    form = {"circle": str(people.circle.code)} | form if form.get("name") != "x" else form
    answer = alice.post(reverse("formats:copy", args=["forum"]), form)
    assert answer.status_code == 200
    assert b'id="wrongs"' in answer.content
    assert Format.objects.filter(circle=people.circle).count() == 1


def test_a_member_reads_but_does_not_change(own: Format, people: Cast) -> None:
    bob = signed_in(people.bob)
    assert bob.get(reverse("formats:detail", args=[own.ref])).status_code == 200
    assert b"Change it" not in bob.get(reverse("formats:detail", args=[own.ref])).content
    assert bob.post(reverse("formats:edit", args=[own.ref]), {"do": "remove:present", "seen": 0}).status_code == 404


def test_a_stage_is_changed_and_saved_as_a_version(alice: Client, own: Format) -> None:
    answer = edit(alice, own, "stage:present", **STAGE)
    assert answer.status_code == 200
    changed = stage(own, "present")
    assert (changed["minutes"], changed["least"], changed["texts"]["name"]) == (4, 2.5, {"en": "Tells"})
    assert "principle" not in changed
    assert own.versions.count() == 1
    assert b"Saved as version 2." in edit(alice, own, "save").content
    assert [v.number for v in own.versions.order_by("number")] == [1, 2]
    own.refresh_from_db()
    assert own.draft is None
    assert b"nothing was changed" in edit(alice, own, "save").content


def test_a_session_keeps_the_version_it_was_planned_with(alice: Client, own: Format, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(format_version=own.versions.get())
    edit(alice, own, "stage:present", **STAGE)
    edit(alice, own, "save")
    session.refresh_from_db()
    assert session.format_version.number == 1
    form = {
        "format": own.ref, "date": "2027-02-01", "time": "16:00", "zone": "Europe/London", "minutes": "120",
        "place": "", "call_link": "",
    }  # fmt: skip
    alice.post(reverse("sessions:session_edit", args=[session.code]), form)
    session.refresh_from_db()
    assert (session.format_version.number, session.local_date.isoformat()) == (1, "2027-02-01")
    assert b"Take the format as it is now" in alice.get(reverse("sessions:session_edit", args=[session.code])).content
    alice.post(reverse("sessions:session_edit", args=[session.code]), form | {"newest": "on"})
    session.refresh_from_db()
    assert session.format_version.number == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("minutes", "0", "Choose more than 0 and at most 180 minutes."),
        ("minutes", "-3", "Choose more than 0"),
        ("minutes", "181", "Choose more than 0"),
        ("minutes", "soon", "Write minutes as a number"),
        ("minutes", "nan", "Write minutes as a number"),
        ("minutes", "9" * 12, "Choose more than 0"),
        ("minutes", "", "Say how many minutes"),
        ("minutes", "1:99:3", "Write minutes as a number"),
        ("name", "", "Give the stage a name."),
        ("name", "x" * 61, "Use at most 60 characters; this has 61."),
        ("least", "5", "This is longer than the usual minutes."),
        ("most", "1", "This is shorter than the usual minutes."),
        ("floor", "each", "For “One after another” choose minutes"),
        ("kind", "each", "When people speak in turn, choose"),
        ("part", "check_out", "The check-out is never cut."),
        ("rule", "x" * 241, "Use at most 240 characters"),
    ],
)
def test_a_wrong_stage_says_so_beside_the_field_and_keeps_what_was_typed(
    alice: Client, own: Format, field: str, value: str, said: str
) -> None:
    answer = edit(alice, own, "stage:present", **STAGE | {field: value})
    page = answer.content.decode()
    assert said in page
    beside = {"floor": "kind", "kind": "floor", "part": "least"}.get(field, field)
    assert f'id="id_{beside}_error"' in page
    assert "What is it?" in page
    own.refresh_from_db()
    assert own.draft is None


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("stage:nothing", STAGE),
        ("stage:", STAGE),
        ("block:9", {"name": "x", "repeat": "once"}),
        ("block:x", {"name": "x", "repeat": "once"}),
        ("up:nothing", {}),
        ("add:99", {}),
        ("add:x", {}),
        ("remove:", {}),
        ("place:present", {"before": "zzz"}),
        ("explode:present", {}),
        ("", {}),
    ],
)
def test_strange_steps_do_no_harm(alice: Client, own: Format, do: str, fields: dict[str, str]) -> None:
    assert edit(alice, own, do, **fields).status_code == 200
    assert alice.get(reverse("formats:edit", args=[own.ref])).status_code == 200


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30, "²"])
def test_a_step_without_a_usable_number_changes_nothing(alice: Client, own: Format, seen: str) -> None:
    answer = alice.post(reverse("formats:edit", args=[own.ref]), {"do": "remove:present", "seen": seen})
    assert answer.status_code == 302
    own.refresh_from_db()
    assert own.draft is None


def test_digits_that_are_no_numbers_are_no_fault_of_ours(alice: Client, own: Format) -> None:
    path = reverse("formats:edit", args=[own.ref])
    for odd in ("²", "①", "٣", "9" * 400, "-1", "1_0"):
        fields = {"name": "Part", "repeat": "presenter", "people": odd, "minutes": odd, "seen": own.draft_seq}
        for do in ("add", "block", "stage"):
            # What was written with a step that is refused is given back before anything else (409).
            assert alice.post(path, fields | {"do": f"{do}:{odd}"}).status_code in (200, 302, 409), (do, odd)
        assert alice.get(path, {"part": odd, "people": odd}).status_code == 200, odd
        own.refresh_from_db()


def test_two_people_changing_at_once_do_not_undo_each_other(alice: Client, own: Format) -> None:
    path = reverse("formats:edit", args=[own.ref])
    alice.post(path, {"do": "remove:questions", "seen": 0})
    answer = alice.post(path, {"do": "remove:counsel", "seen": 0}, follow=True)
    assert b"Somebody else has just changed this format." in answer.content
    assert [s["key"] for s in draft(own)["blocks"][1]["stages"]] == ["present", "counsel"]


def test_what_cannot_be_planned_is_listed_and_not_saved(alice: Client, own: Format) -> None:
    edit(alice, own, "about", **ABOUT | {"presenters": "0"})
    page = edit(alice, own, "save").content.decode()
    assert "Not saved yet" in page
    assert "This part repeats for each presenter, and the format has none." in page
    assert own.versions.count() == 1
    assert b"this format is as it was" not in edit(alice, own, "drop").content
    own.refresh_from_db()
    assert own.draft is None


ABOUT = {
    "name": "Our council", "summary": "", "when": "", "when_not": "", "least": "3", "most": "6", "presenters": "6",
    "before": "issue", "roles": ["timekeeper"],
}  # fmt: skip


def test_people_and_roles_are_changed(alice: Client, own: Format) -> None:
    edit(alice, own, "about", **ABOUT | {"least": "4", "most": "8", "presenters": "2"})
    made = draft(own)
    assert (made["people"], made["presenters"]) == ({"least": 4, "most": 8}, {"least": 1, "most": 2})
    assert made["roles"] == ["host", "timekeeper"]
    wrong = edit(alice, own, "about", **ABOUT | {"least": "6", "most": "3"})
    assert b"This is fewer than the smallest number of people." in wrong.content


def test_a_part_is_split_with_a_break_between_turns(alice: Client, own: Format) -> None:
    edit(alice, own, "block:1", name="Turns", repeat="presenter", split="90", turn_most="30", between="5")
    block = draft(own)["blocks"][1]
    assert (block["split"], block["turn_most"], block["between"]["minutes"]) == (90, 30, 5)
    page = edit(alice, own, "save").content.decode()
    assert "Between two turns a break: 5 min." in page


def test_a_file_goes_out_and_comes_back(alice: Client, own: Format, people: Cast) -> None:
    out = alice.get(reverse("formats:file", args=[own.ref]))
    assert out.headers["Content-Disposition"] == 'attachment; filename="format.yaml"'
    upload = SimpleUploadedFile("f.yaml", out.content)
    answer = alice.post(reverse("formats:import", args=[people.circle.code]), {"file": upload, "text": ""}, follow=True)
    assert "The format is your circle" in answer.content.decode()
    first, second = FormatVersion.objects.filter(format__circle=people.circle).order_by("pk")
    assert first.definition == second.definition


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "This is not a text file."),
        (b"x" * 100_001, "larger than 100 kB"),
        (b"schema: 1\npeople: 5\n", "Line 2: people: Here names with values are expected"),
        (write_file(definitions()["council"]).replace("minutes: 10", "minutes: 0").encode(), "Choose more than 0"),
    ],
)
def test_a_bad_file_changes_nothing(alice: Client, own: Format, people: Cast, content: bytes, said: str) -> None:
    upload = SimpleUploadedFile("f.yaml", content)
    answer = alice.post(reverse("formats:import", args=[people.circle.code]), {"file": upload, "text": ""})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Format.objects.filter(circle=people.circle).count() == 1


def test_a_format_that_was_put_away_is_offered_no_more(alice: Client, own: Format, people: Cast) -> None:
    assert b"Our council" in alice.get(reverse("sessions:schedule", args=[people.circle.code])).content
    alice.post(reverse("formats:retire", args=[own.ref]))
    assert b"Our council" not in alice.get(reverse("sessions:schedule", args=[people.circle.code])).content
    assert alice.get(reverse("formats:detail", args=[own.ref])).status_code == 200
    assert alice.get(reverse("formats:edit", args=[own.ref])).status_code == 404


def test_a_circle_keeps_at_most_forty(own: Format, people: Cast) -> None:
    for _at in range(39):
        services.format_make(circle=people.circle, definition=definitions()["pair"], now=NOW)
    with pytest.raises(Refused, match="40"):
        services.format_make(circle=people.circle, definition=definitions()["pair"], now=NOW)


def test_a_circle_with_its_own_format_can_be_deleted(own: Format, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(format_version=own.versions.get())
    rehearsing.rehearsal_begin(version=own.versions.get(), owner=people.erin, people=3, speed=1, now=NOW)
    people.circle.delete()
    assert not Format.objects.filter(pk=own.pk).exists()


def test_cards_remember_who_has_read_them(alice: Client, people: Cast) -> None:
    assert alice.get(reverse("formats:card", args=["nothing"])).status_code == 404
    path = reverse("formats:card", args=["listening"])
    alice.post(path)
    alice.post(path)
    assert list(CardRead.objects.values_list("user", "card_key")) == [(people.alice.pk, "listening")]
    assert b"read" in alice.get(reverse("formats:cards")).content


def begin(people: Cast, *, speed: int = 1, size: int = 3, key: str = "council") -> Rehearsal:
    return rehearsing.rehearsal_begin(version=version_of(key), owner=people.bob, people=size, speed=speed, now=NOW)


@pytest.mark.parametrize("speed", [1, 60])
def test_two_presses_within_a_moment_of_a_rehearsal_are_one(db: None, people: Cast, settings: Any, speed: int) -> None:
    settings.PRESS_APART_MS = 1000
    rehearsal = begin(people, speed=speed)
    first = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=NOW)

    def pressed(expected: int, after_ms: int) -> int:
        at = NOW + timedelta(milliseconds=after_ms)
        rehearsing.rehearsal_command(rehearsal=rehearsal, kind="next", expected_seq=expected, seconds=60, now=at)
        return rehearsing.state_of(rehearsal).index

    assert pressed(first.seq, 500) == 0  # "Start" once more
    assert pressed(first.seq, 2000) == 1
    assert pressed(first.seq + 1, 2400) == 1  # the page was exchanged under the finger
    assert pressed(first.seq, 2450) == 1  # the same form, sent again
    assert pressed(first.seq + 1, 3200) == 2


def test_in_a_rehearsal_the_others_pass_the_piece_and_my_turn_waits(db: None, people: Cast) -> None:
    rehearsal = begin(people, speed=60)
    state = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=NOW + timedelta(seconds=4, milliseconds=100))
    assert (state.index, state.segments[1].speaker) == (1, rehearsing.ME)
    waiting = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=NOW + timedelta(seconds=30))
    assert waiting.index == 1
    rehearsing.rehearsal_command(
        rehearsal=rehearsal, kind="next", expected_seq=waiting.seq, seconds=60, now=NOW + timedelta(seconds=30)
    )
    later = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=NOW + timedelta(seconds=32, milliseconds=100))
    assert later.segments[later.index].stage == "present"
    assert Rehearsal.objects.get().seq == later.seq


def test_a_rehearsal_left_alone_for_hours_is_where_my_turn_is(db: None, people: Cast) -> None:
    rehearsal = begin(people, key="short_round")
    state = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=NOW + timedelta(hours=9))
    assert state.segments[state.index].speaker == rehearsing.ME


def test_a_rehearsal_touches_no_circle_and_is_gone_after_a_day(db: None, people: Cast) -> None:
    page = reverse("formats:rehearsal", args=[begin(people).code])
    assert [signed_in(user).get(page).status_code for user in (people.bob, people.alice)] == [200, 404]
    assert CircleSession.objects.count() == 0
    assert rehearsing.rehearsals_clear(now=NOW + timedelta(days=1)) == 0
    assert rehearsing.rehearsals_clear(now=NOW + timedelta(days=1, seconds=1)) == 1


def test_a_person_keeps_five_rehearsals(db: None, people: Cast) -> None:
    codes = [begin(people).code for _at in range(7)]
    assert set(Rehearsal.objects.values_list("code", flat=True)) == set(codes[2:])


@pytest.mark.parametrize("form", [{"people": "2", "speed": "1"}, {"people": "4", "speed": "7"}, {"people": "x"}, {}])
def test_a_rehearsal_of_nothing_is_refused_in_words(alice: Client, form: dict[str, str]) -> None:
    answer = alice.post(reverse("formats:rehearse", args=["council"]), form)
    assert answer.status_code == 200
    assert b'id="wrongs"' in answer.content
    assert Rehearsal.objects.count() == 0


def test_the_room_of_a_rehearsal_takes_presses_without_script(people: Cast, db: None, clock: Any) -> None:
    rehearsal = begin(people, key="incident_intervision", size=4)
    bob = signed_in(people.bob)
    page = reverse("formats:rehearsal", args=[rehearsal.code])
    assert b"Whose case is it?" in bob.get(page).content
    chosen = bob.post(f"{page}replan/chosen/", {"expected_seq": "1", "who": "2"}, follow=True)
    assert b"Whose case is it?" not in chosen.content
    stale = bob.post(f"{page}next/", {"expected_seq": "1"}, follow=True)
    assert b"The rehearsal has moved on." in stale.content
    assert bob.post(f"{page}explode/", {"expected_seq": "2"}).status_code == 404
    assert bob.post(f"{page}next/", {"expected_seq": "x"}).status_code == 404
    assert b"This cannot be done" in bob.post(f"{page}replan/zzz/", {"expected_seq": "2"}, follow=True).content
    bob.post(f"{page}end/", {"expected_seq": "2"})
    assert b"That was the whole format." in bob.get(page).content
    assert bob.get(f"{page}room/").headers["X-Phase"] == "ended"


def test_a_format_of_a_circle_is_found_by_its_code_by_those_in_it(people: Cast, own: Format) -> None:
    assert get_format(people.bob, str(own.code)).version == own.versions.get()
    assert get_format(people.erin, "council").version is None, "the library is everybody's"
    for user, ref in ((people.erin, str(own.code)), (people.bob, str(uuid4())), (people.bob, "no_such_key")):
        with pytest.raises(Http404):
            get_format(user, ref)
    Membership.objects.filter(user=people.bob).update(left_at=NOW)
    with pytest.raises(Http404):
        get_format(people.bob, str(own.code))


def test_only_a_circle_that_one_runs_has_a_format_to_change(people: Cast, own: Format) -> None:
    formats = [(user, ref) for user in (people.alice, people.bob) for ref in ("council", str(own.code))]
    assert [get_format(user, ref).may_change for user, ref in formats] == [False, True, False, False]


@pytest.mark.parametrize(
    ("form", "field", "known"),
    [
        (StageForm, "kind", STAGE_KINDS),
        (StageForm, "tint", TINTS),
        (AboutForm, "before", BEFORE),
        (AboutForm, "roles", tuple(role for role in ROLES if role != "host")),
    ],
)
def test_the_editor_offers_everything_that_a_format_can_say(form: Any, field: str, known: tuple[str, ...]) -> None:
    assert tuple(key for key, _said in form.base_fields[field].choices) == known
