"""The shelf: lent by the rule of the agreement, taken back by one, copied by others, carried signed between sites."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.refusals import Refused
from agreements.enums import Stance
from agreements.models import Proposal
from agreements.selectors import in_force
from circles.covenant_services import circle_mark_closed, vault_empty
from circles.models import Circle, Membership
from notifications.models import Message
from sessions.enums import ShelfKind
from sessions.formats.files import FileError
from sessions.formats.library import definitions
from sessions.formats.services import format_copy
from sessions.journeys.library import shipped_definitions
from sessions.journeys.services import journey_make
from sessions.models import Format, FormatVersion, Journey, JourneyVersion, ShelfAnswer, ShelfItem
from sessions.rules.signed_files import is_whole, sealed_file, signing_key
from sessions.shelf import services
from sessions.shelf.access import get_asked, get_lent, items_lent
from sessions.shelf.lendable import Lendable, read_shelf_file, shelf_file
from sessions.shelf.selectors import lendable_in
from tests.factories import NOW, Cast, make_cast, make_circle, make_session, make_user, sign, signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = "We say first what we heard, and then what we think."
CLAUSE = Lendable(ShelfKind.CLAUSE, theme="feedback", text=WORDS)
HELPED = "When two of us talked past each other."


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    sign(made.circle, made.alice, made.bob, made.carol, made.dave)
    return made


def ask(circle: Circle, by: User, thing: Lendable = CLAUSE, *, now: Any = NOW) -> ShelfItem:
    return services.shelf_ask(circle=circle, thing=thing, helped=HELPED, by=by, now=now)


def lent(circle: Circle, by: User, thing: Lendable = CLAUSE) -> ShelfItem:
    item = ask(circle, by, thing)
    for member in Membership.objects.filter(circle=circle, left_at=None, takes_part=True).exclude(user=by):
        services.shelf_answer(item=item, user=member.user, stance=Stance.YES, comment="", now=NOW)
    return ShelfItem.objects.get(pk=item.pk)


def olga(*others: User) -> Circle:
    return make_circle(make_user("Olga Other"), others, name="Another circle")


def journey_of_own(cast: Cast) -> Lendable:
    own = format_copy(circle=cast.circle, definition=definitions()["council"], name="Our council", now=NOW)
    definition = {**shipped_definitions()["first_six"], "key": "own"}
    first = {**definition["sessions"][0], "formats": [own.ref, *definition["sessions"][0]["formats"]][:6]}
    definition = {**definition, "sessions": [first, *definition["sessions"][1:]]}
    journey_make(circle=cast.circle, definition=definition, now=NOW)
    return next(one.thing for one in lendable_in(cast.circle) if one.thing.kind == ShelfKind.JOURNEY)


def test_it_is_lent_at_once_when_everybody_says_yes(cast: Cast) -> None:
    item = ask(cast.circle, cast.bob)
    assert not items_lent().exists()
    assert set(Message.objects.filter(kind="shelf_asked").values_list("user", flat=True)) == {
        cast.alice.pk, cast.carol.pk, cast.dave.pk,
    }  # fmt: skip
    for one in (cast.alice, cast.carol):
        services.shelf_answer(item=item, user=one, stance=Stance.YES, comment="", now=NOW)
    assert not items_lent().exists()
    services.shelf_answer(item=item, user=cast.dave, stance=Stance.YES, comment="", now=NOW)
    assert [one.code for one in items_lent()] == [item.code]
    assert Message.objects.filter(kind="shelf_lent").count() == 4


@pytest.mark.parametrize(("days", "stands"), [(6.99, False), (7, True)])
def test_it_is_lent_after_the_days_of_the_agreement(days: float, stands: bool, cast: Cast) -> None:
    ask(cast.circle, cast.bob)
    services.shelf_tend(now=NOW + days * DAY)
    assert items_lent().exists() is stands


def test_a_concern_waits_for_the_next_session_and_more_than_half_decide(cast: Cast) -> None:
    item = ask(cast.circle, cast.bob)
    with pytest.raises(Refused):
        services.shelf_answer(item=item, user=cast.carol, stance=Stance.CONCERN, comment="", now=NOW)
    services.shelf_answer(item=item, user=cast.carol, stance=Stance.CONCERN, comment="It names us.", now=NOW)
    services.shelf_tend(now=NOW + 30 * DAY)
    assert not items_lent().exists()
    there = [cast.alice.pk, cast.bob.pk, cast.carol.pk]
    services.shelf_talked_about(circle=cast.circle, present=there, began=NOW - DAY, now=NOW + DAY)
    assert ShelfItem.objects.get().talked_at is None  # the concern came after the session had begun
    services.shelf_talked_about(circle=cast.circle, present=there, began=NOW + DAY, now=NOW + DAY)
    item = ShelfItem.objects.get()
    services.shelf_answer(item=item, user=cast.dave, stance=Stance.YES, comment="", now=NOW + DAY)  # was not there
    assert not items_lent().exists()
    services.shelf_answer(item=item, user=cast.alice, stance=Stance.YES, comment="", now=NOW + DAY)
    assert items_lent().exists()


def test_what_they_do_not_want_goes_without_a_rest(cast: Cast) -> None:
    item = ask(cast.circle, cast.bob)
    services.shelf_answer(item=item, user=cast.carol, stance=Stance.CONCERN, comment="It names us.", now=NOW)
    services.shelf_talked_about(
        circle=cast.circle, present=[cast.alice.pk, cast.carol.pk], began=NOW + DAY, now=NOW + DAY
    )
    services.shelf_tend(now=NOW + 9 * DAY)
    assert (ShelfItem.objects.count(), ShelfAnswer.objects.count()) == (0, 0)


def test_a_session_opens_with_the_concern(cast: Cast, clock: Any) -> None:
    item = ask(cast.circle, cast.bob)
    services.shelf_answer(item=item, user=cast.carol, stance=Stance.CONCERN, comment="It names us.", now=NOW)
    session = make_session(cast.circle, cast.alice, in_=timedelta(minutes=5))
    page = signed_in(cast.bob).get(reverse("sessions:live", args=[session.code])).content.decode()
    assert reverse("shelf:asked", args=[item.code]) in page
    assert "Whether we lend this" in page


def test_one_member_takes_it_back_at_any_time(cast: Cast) -> None:
    item = lent(cast.circle, cast.bob)
    page = reverse("shelf:back", args=[cast.circle.code, item.code])
    assert signed_in(cast.dave).post(page).status_code == 302
    assert not ShelfItem.objects.exists()
    assert signed_in(cast.carol).post(page).status_code == 302  # somebody was faster
    with pytest.raises(Http404):
        get_lent(item.code)


def test_it_is_taken_back_from_a_closed_circle_too(cast: Cast) -> None:
    item = lent(cast.circle, cast.bob)
    circle_mark_closed(circle=cast.circle, by=cast.alice, now=NOW)
    assert items_lent().exists()
    signed_in(cast.dave).post(reverse("shelf:back", args=[cast.circle.code, item.code]))
    assert not items_lent().exists()


def test_it_goes_with_the_words_of_its_circle_and_when_everybody_has_left(cast: Cast) -> None:
    lent(cast.circle, cast.bob)
    Membership.objects.filter(circle=cast.circle).update(left_at=NOW)
    assert not items_lent().exists()
    Membership.objects.filter(circle=cast.circle).update(left_at=None)
    assert items_lent().exists()
    vault_empty(vault=cast.circle.vault, now=NOW)
    assert not items_lent().exists()
    services.shelf_tend(now=NOW)
    assert not ShelfItem.objects.exists()


@pytest.mark.parametrize("is_lent", [True, False])
def test_it_goes_where_only_somebody_outside_looks_after_the_circle(cast: Cast, is_lent: bool) -> None:
    """They take nothing back, so that it stood there for good."""
    if is_lent:
        lent(cast.circle, cast.bob)
    else:
        ask(cast.circle, cast.bob)
    Membership.objects.create(circle=cast.circle, user=cast.erin, joined_at=NOW, facilitates=True, takes_part=False)
    services.shelf_tend(now=NOW)
    assert ShelfItem.objects.exists()
    Membership.objects.filter(circle=cast.circle).exclude(user=cast.erin).update(left_at=NOW)
    assert not items_lent().exists()
    services.shelf_tend(now=NOW + 8 * DAY)
    assert not ShelfItem.objects.exists()
    assert not ShelfAnswer.objects.exists()


def test_the_same_is_there_once(cast: Cast) -> None:
    item = ask(cast.circle, cast.bob)
    with pytest.raises(Refused):
        ask(cast.circle, cast.alice)
    item.pk, item.code = None, cast.bob.code
    with pytest.raises(IntegrityError), transaction.atomic():
        item.save(force_insert=True)
    assert WORDS not in [str(one.thing.text) for one in lendable_in(cast.circle)]


def test_nothing_says_which_circle_it_is_from(cast: Cast) -> None:
    item = lent(cast.circle, cast.bob)
    reader = signed_in(cast.erin)
    pages = [reverse("shelf:shelf"), reverse("shelf:item", args=[item.code]), reverse("shelf:file", args=[item.code])]
    for page in pages:
        text = reader.get(page).content.decode()
        assert HELPED in text, page
        for word in ("Alder", "Bob", "Baker", str(cast.circle.code)):
            assert word not in text, page


def test_what_is_only_asked_about_nobody_else_sees(cast: Cast) -> None:
    item = ask(cast.circle, cast.bob)
    looker = make_user("Oscar Outside")
    Membership.objects.create(circle=cast.circle, user=looker, joined_at=NOW, facilitates=True, takes_part=False)
    for person in (cast.erin, looker):
        client = signed_in(person)
        assert HELPED not in client.get(reverse("shelf:shelf")).content.decode()
        for name in ("item", "file", "asked"):
            assert client.get(reverse(f"shelf:{name}", args=[item.code])).status_code == 404
    with pytest.raises(Http404):
        get_asked(looker, item.code)


def test_whoever_comes_later_decides_too_and_reads_no_word_from_before(cast: Cast) -> None:
    item = ask(cast.circle, cast.bob)
    services.shelf_answer(item=item, user=cast.carol, stance=Stance.CONCERN, comment="It names us.", now=NOW)
    lena = make_user("Lena Late")
    Membership.objects.create(circle=cast.circle, user=lena, joined_at=NOW + DAY)
    text = signed_in(lena).get(reverse("shelf:asked", args=[item.code])).content.decode()
    assert HELPED in text
    assert "It names us." not in text


def test_the_circle_is_asked_on_its_page(cast: Cast) -> None:
    client = signed_in(cast.bob)
    line = in_force(cast.circle)[1][0].line
    page = reverse("shelf:lend", args=[cast.circle.code])
    wrong = client.post(page, {"what": f"clause-{line}", "helped": ""})
    assert "Say in a line when it helped you." in wrong.content.decode()
    assert f'value="clause-{line}" selected' in wrong.content.decode()
    answer = client.post(page, {"what": f"clause-{line}", "helped": HELPED})
    item = ShelfItem.objects.get()
    assert answer.url == reverse("shelf:asked", args=[item.code])
    asked = signed_in(cast.carol)
    assert "Bob" in asked.get(answer.url).content.decode()
    said = asked.post(answer.url, {"stance": "concern", "comment": ""}).content.decode()
    assert "Say in a few words what concerns you" in said
    asked.post(answer.url, {"stance": "concern", "comment": "It names us."})
    assert ShelfAnswer.objects.get(user=cast.carol).comment == "It names us."
    assert item.name in client.get(reverse("shelf:circle_shelf", args=[cast.circle.code])).content.decode()


def test_it_waits_on_today_and_in_the_circle_until_answered(cast: Cast, clock: Any) -> None:
    item = ask(cast.circle, cast.bob)
    words = "Bob asks whether the circle lends something to the shelf"
    carol = signed_in(cast.carol)
    for page in ("/", reverse("pages:circle", args=[cast.circle.code])):
        shown = carol.get(page).content.decode()
        assert words in shown
        assert reverse("shelf:asked", args=[item.code]) in shown
        assert WORDS not in shown
        assert words not in signed_in(cast.bob).get(page).content.decode(), "he has said yes by asking"
        assert words not in signed_in(cast.erin).get("/").content.decode(), "she is not in this circle"
    carol.post(reverse("shelf:asked", args=[item.code]), {"stance": "yes", "comment": ""})
    assert words not in carol.get("/").content.decode()


def test_what_is_changed_later_is_lent_as_it_was(cast: Cast) -> None:
    own = format_copy(circle=cast.circle, definition=definitions()["council"], name="Our council", now=NOW)
    thing = next(one.thing for one in lendable_in(cast.circle) if one.thing.kind == ShelfKind.FORMAT)
    item = lent(cast.circle, cast.bob, thing)
    later = {**own.versions.get().definition, "texts": {"name": {"en": "Quite another"}}}
    FormatVersion.objects.create(format=own, number=2, digest="x", definition=later, made_at=NOW)
    assert ShelfItem.objects.get(pk=item.pk).name == "Our council"


def test_whoever_lends_it_hears_of_no_copy(cast: Cast) -> None:
    item = lent(cast.circle, cast.bob)
    other, before = olga(make_user("Pia Pal")), Message.objects.filter(circle_code=cast.circle.code).count()
    why = {"circle": str(other.code), "why": "We could use it."}
    signed_in(User.objects.get(name="Olga Other")).post(reverse("shelf:take", args=[item.code]), why)
    assert Message.objects.filter(circle_code=cast.circle.code).count() == before


def test_a_format_is_copied(cast: Cast) -> None:
    format_copy(circle=cast.circle, definition=definitions()["council"], name="Our council", now=NOW)
    thing = next(one.thing for one in lendable_in(cast.circle) if one.thing.kind == ShelfKind.FORMAT)
    item = lent(cast.circle, cast.bob, thing)
    other = olga()
    client = signed_in(User.objects.get(name="Olga Other"))
    assert "Our council" in client.get(reverse("shelf:item", args=[item.code])).content.decode()
    client.post(reverse("shelf:take", args=[item.code]), {"circle": str(other.code), "name": "Theirs"})
    made = FormatVersion.objects.get(format__circle=other)
    assert (made.name, made.number) == ("Theirs", 1)
    services.shelf_take_back(item=item, by=cast.bob, now=NOW)
    assert Format.objects.filter(circle=other).exists()


def test_a_journey_brings_its_own_formats_along(cast: Cast) -> None:
    thing = journey_of_own(cast)
    assert list(thing.formats) == ["own_1"]
    item = lent(cast.circle, cast.bob, thing)
    other = olga()
    person = User.objects.get(name="Olga Other")
    assert "Our council" in signed_in(person).get(reverse("shelf:item", args=[item.code])).content.decode()
    carried = read_shelf_file(shelf_file(thing, HELPED)).thing
    for number, one in enumerate((thing, carried), start=1):
        services.copy_take(thing=one, circle=other, name=f"Theirs {number}", now=NOW)
        made = JourneyVersion.objects.filter(journey__circle=other).latest("pk")
        brought = Format.objects.filter(circle=other).latest("pk")
        assert made.rule.steps[0].formats[0] == brought.ref


def test_a_clause_is_proposed_and_not_just_put_there(cast: Cast) -> None:
    item = lent(cast.circle, cast.bob)
    other = olga(make_user("Pia Pal"))
    client = signed_in(User.objects.get(name="Olga Other"))
    before = len(in_force(other)[1])
    page = reverse("shelf:take", args=[item.code])
    assert "Say in a sentence why" in client.post(page, {"circle": str(other.code), "why": ""}).content.decode()
    client.post(page, {"circle": str(other.code), "why": "We could use it."})
    made = Proposal.objects.get(agreement__circle=other)
    assert (made.text, made.why, made.theme) == (WORDS, "We could use it.", "feedback")
    assert len(in_force(other)[1]) == before


def test_who_is_in_no_circle_is_told_so(cast: Cast) -> None:
    item = lent(cast.circle, cast.bob)
    answer = signed_in(cast.erin).post(reverse("shelf:take", args=[item.code]), {}, follow=True)
    assert "You are in no circle that could take it." in answer.content.decode()


def test_an_erased_person_asks_for_nothing_any_more(cast: Cast) -> None:
    ask(cast.circle, cast.bob)
    services.shelf_forget(user=cast.bob)
    assert not ShelfItem.objects.exists()


def bring(client: Client, circle: Circle, text: str) -> str:
    answer = client.post(reverse("shelf:bring", args=[circle.code]), {"text": text}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def things(cast: Cast) -> list[Lendable]:
    council = Lendable(ShelfKind.FORMAT, {**definitions()["council"], "key": "own"})
    return [CLAUSE, council, journey_of_own(cast)]


def test_a_file_is_carried_to_another_site(cast: Cast, settings: Any, clock: Any) -> None:
    other = olga()
    client = signed_in(User.objects.get(name="Olga Other"))
    files = [shelf_file(one, HELPED) for one in things(cast)]
    here = bring(client, other, files[0])
    assert "This site has signed it." in here
    settings.SECRET_KEY = "of another site, which never saw these files"
    client = signed_in(User.objects.get(name="Olga Other"))
    for text in files[1:]:
        assert "The site that signed it has the sign" in bring(client, other, text)
    assert Proposal.objects.filter(agreement__circle=other).exists() or len(in_force(other)[1])
    assert Format.objects.filter(circle=other).count() == 2
    assert Journey.objects.filter(circle=other).count() == 1


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Format, FormatVersion, Journey, JourneyVersion, Proposal))


def test_an_altered_or_hostile_file_changes_nothing(cast: Cast) -> None:
    other = olga()
    client = signed_in(User.objects.get(name="Olga Other"))
    good = shelf_file(CLAUSE, HELPED)
    journey = yaml.safe_load(shelf_file(journey_of_own(cast), HELPED))
    key = signing_key("a hostile site")
    resigned = [
        {**yaml.safe_load(good), "thing": {"theme": "feedback", "text": "x" * 1001}},
        {**yaml.safe_load(good), "thing": {"theme": "nothing", "text": "x"}},
        {**yaml.safe_load(good), "thing": ["x"]},
        {**yaml.safe_load(good), "kind": "account"},
        {**yaml.safe_load(good), "shelf": True},
        {**yaml.safe_load(good), "helped": {"a": 1}},
        {**yaml.safe_load(good), "more": 1},
        {**journey, "formats": {}},
        {**journey, "formats": {"own_1": {"schema": 1}}},
        {**journey, "formats": [1]},
        {**journey, "formats": {f"own_{at}": {} for at in range(50)}},
        {**journey, "thing": {"sessions": [{"formats": ["council"]}] * 13}},
    ]
    texts = [
        good.replace("heard", "head"), good.replace("kind: clause", "kind: format"),
        good.split("signature")[0], good + "\nmore: 1\n", good.replace("site: ", "site: 00"),
        "shelf: 1\nkind: clause\n", "[1, 2]", "", "!!python/object/apply:os.system [id]", "a: &a [*a]", "x" * 100_001,
        *(yaml.safe_dump(sealed_file({k: v for k, v in one.items() if k not in ("site", "signature")}, key))
          for one in resigned),
    ]  # fmt: skip
    before = counts()
    for text in texts:
        said = bring(client, other, text)
        assert counts() == before, text[:200]
        assert "Bring a file from a shelf" in said, text[:200]


def test_a_file_that_does_not_fit_leaves_no_half_of_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formats it brings are made first: they go again when the journey is refused."""
    other = olga()
    client = signed_in(User.objects.get(name="Olga Other"))
    text = shelf_file(journey_of_own(cast), HELPED)
    monkeypatch.setattr("sessions.journeys.services.JOURNEYS_AT_MOST", 0)
    before = counts()
    assert "Put one away first" in bring(client, other, text)
    assert counts() == before


@given(at=st.integers(0, 10_000), to=st.characters(codec="ascii", exclude_categories=["Cc"]))
def test_no_letter_of_what_is_signed_can_change(at: int, to: str) -> None:
    text = shelf_file(CLAUSE, HELPED)
    at %= len(text)
    changed = text[:at] + to + text[at + 1 :]
    try:
        found = read_shelf_file(changed)
    except FileError:
        return
    # Only what YAML does not read, such as a space at the end of a line, may be another.
    assert (found.thing, found.helped) == (CLAUSE, HELPED)


def test_a_signature_of_one_site_is_none_of_another() -> None:
    here, there = signing_key("here"), signing_key("there")
    made = sealed_file({"a": 1}, here)
    assert is_whole(made)
    assert not is_whole({**made, "site": sealed_file({"a": 1}, there)["site"]})
    assert not is_whole({**made, "signature": "zz"})
    assert not is_whole({"a": 1})


def test_the_list_asks_no_more_for_more(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for at in range(3):
        lent(cast.circle, cast.bob, Lendable(ShelfKind.CLAUSE, theme="feedback", text=f"{WORDS} {at}"))
    client = signed_in(cast.bob)
    client.get(reverse("shelf:shelf"))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("shelf:shelf")).content.decode().count("row-title") == 3
    with django_assert_max_num_queries(14):
        client.get(reverse("shelf:circle_shelf", args=[cast.circle.code]))
