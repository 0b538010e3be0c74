"""The writes of the shelf: asking a circle to lend something, answering, taking it back, taking a copy."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_lock
from agreements.enums import ClauseChange, Stance
from agreements.models import Proposal
from agreements.proposal_services import ProposalDetails, proposal_make
from agreements.rules.adopting import USUAL_DAYS, Verdict, verdict
from agreements.selectors import current_version
from agreements.stance_services import ring_ids, stance_write, were_there_write
from circles.models import Circle
from circles.services import audit_write, circle_lock
from notifications.services import About, messages_drop, messages_put
from sessions.enums import ShelfKind
from sessions.formats.files import FileError
from sessions.formats.services import format_copy
from sessions.formats.words import problem
from sessions.journeys.services import journey_copy
from sessions.kinds import SHELF_ASKED, SHELF_LENT
from sessions.models import ShelfAnswer, ShelfItem
from sessions.shelf.access import items_of_nobody
from sessions.shelf.lendable import Lendable, read_shelf_file, shelf_file
from sessions.shelf.selectors import people_asked, said_of

ITEMS_AT_MOST = 40


@transaction.atomic
def shelf_ask(*, circle: Circle, thing: Lendable, helped: str, by: User, now: datetime) -> ShelfItem:
    """Ask the circle to lend something; whoever asks says yes with it, and the others hear of it.

    It is lent by the rule by which the agreement is changed. Refused for what is there, or asked, already, and for what
    nobody could take.
    """
    _can_be_taken(thing, helped)
    person_lock(by)
    circle_lock(circle)
    digest = circle.vault.digest(thing.said)
    if ShelfItem.objects.filter(circle=circle, digest=digest).exists():
        raise Refused(_("This is on the shelf, or your circle is asked about it already."))
    if ShelfItem.objects.filter(circle=circle).count() >= ITEMS_AT_MOST:
        raise Refused(_("Your circle has %s things on the shelf. Take one back first.") % ITEMS_AT_MOST)
    version = current_version(circle)
    item = ShelfItem(
        circle=circle,
        vault=circle.vault,
        by=by,
        kind=thing.kind,
        definition=thing.definition,
        formats=dict(thing.formats),
        theme=thing.theme,
        digest=digest,
        days=(version.adopt_days if version else None) or USUAL_DAYS,
        asked_at=now,
    )
    item.text, item.helped = thing.text, helped
    item.save(force_insert=True)
    stance_write(ShelfAnswer(item=item, user=by, vault=item.vault), stance=Stance.YES, comment="", now=now)
    others = [user for user in people_asked(circle) if user != by]
    messages_put(kind=SHELF_ASKED, about=About("shelf", item.code, circle=circle.code), to=others, due_at=now, now=now)
    _settle(item, now)
    return item


def _can_be_taken(thing: Lendable, helped: str) -> None:
    """Before anybody is asked: Refused for what is so large, or brings so much, that no site would read its file."""
    try:
        read_shelf_file(shelf_file(thing, helped))
    except FileError as error:
        wrong = error.wrongs[0].problem
        raise Refused(_("No circle could take this as it is. %s") % problem(wrong)) from error


@transaction.atomic
def shelf_answer(*, item: ShelfItem, user: User, stance: str, comment: str, now: datetime) -> None:
    """Say yes, or raise a concern in words; it can be changed until it is lent."""
    person_lock(user)
    circle_lock(item.circle)
    row_lock(item)
    if item.lent_at:
        raise Refused(_("It is on the shelf already. Each of you can take it back at any time."))
    found = ShelfAnswer.objects.filter(item=item, user=user).first()
    row = found or ShelfAnswer(item=item, user=user, vault=item.vault)
    stance_write(row, stance=stance, comment=comment, now=now)
    _settle(item, now)


def _settle(item: ShelfItem, now: datetime) -> None:
    answers = list(ShelfAnswer.objects.filter(item=item))
    found = verdict(said_of(item, members=ring_ids(item.circle_id), answers=answers), now=now)
    if found == Verdict.ADOPT:
        item.lent_at = now
        item.save(update_fields=["lent_at"])
        messages_drop(about_code=item.code, kinds=[SHELF_ASKED])
        audit_write(circle=item.circle, verb="shelf_lent", by=None, now=now)
        about = About("shelf", item.code, circle=item.circle.code)
        messages_put(kind=SHELF_LENT, about=about, to=people_asked(item.circle), due_at=now, now=now)
    elif found == Verdict.DECLINE:
        audit_write(circle=item.circle, verb="shelf_declined", by=None, now=now)
        _gone(item)


def _gone(item: ShelfItem) -> None:
    messages_drop(about_code=item.code, kinds=[SHELF_ASKED, SHELF_LENT])
    # By their own queries: what was said to it is swept from the files too.
    ShelfAnswer.objects.filter(item=item).delete()
    ShelfItem.objects.filter(pk=item.pk).delete()


@transaction.atomic
def shelf_take_back(*, item: ShelfItem, by: User, now: datetime) -> None:
    """One member is enough, at any time, also in a circle that is closed. Copies that others took are theirs."""
    circle_lock(item.circle)
    row_lock(item)
    audit_write(circle=item.circle, verb="shelf_back", by=by, now=now)
    _gone(item)


@transaction.atomic
def shelf_talked_about(*, circle: Circle, present: Iterable[int], began: datetime, now: datetime) -> None:
    """A session was held: what had a concern when it began was talked about; those who were there decide."""
    circle_lock(circle)
    there = set(present)
    asked = ShelfItem.objects.filter(circle=circle, lent_at=None, talked_at=None, answers__stance=Stance.CONCERN)
    for item in asked.distinct().select_related("circle__vault", "vault"):
        said = list(ShelfAnswer.objects.filter(item=item))
        silent = there - {row.user_id for row in said}
        said += [ShelfAnswer(item=item, user_id=pk, vault=item.vault, comment="", at=now) for pk in silent]
        if not were_there_write(said, present=there, began=began):
            continue
        item.talked_at = now
        item.save(update_fields=["talked_at"])
        _settle(item, now)


def shelf_tend(*, now: datetime) -> int:
    """Look at everything that is asked by the rule; what no circle stands behind any more goes. How many were seen."""
    gone = items_of_nobody().select_related("circle")
    each("take back what no circle lends any more", gone, _drop)
    rows = ShelfItem.objects.filter(lent_at=None, circle__closed_at=None).select_related("circle__vault", "vault")

    def look(item: ShelfItem) -> None:
        circle_lock(item.circle)
        if ShelfItem.objects.filter(pk=item.pk, lent_at=None).exists():
            row_lock(item)
            _settle(item, now)

    return each("settle what is asked for the shelf", rows.order_by("pk"), look)


def _drop(item: ShelfItem) -> None:
    circle_lock(item.circle)
    _gone(item)


@transaction.atomic
def shelf_forget(*, user: User) -> None:
    """Whoever is erased asks for nothing any more; what their circle lends is its own."""
    for item in ShelfItem.objects.filter(by=user, lent_at=None).select_related("circle").order_by("circle", "pk"):
        _gone(item)


@transaction.atomic
def copy_take(*, thing: Lendable, circle: Circle, name: str, now: datetime) -> str:
    """A circle's own copy of a format or a journey, with the formats it brings along; how addresses name it.

    FormatError for what cannot be held there; Refused where the circle has too many of its own.
    """
    if thing.definition is None:
        raise ValueError("a clause is proposed, not copied")
    if thing.kind == ShelfKind.FORMAT:
        return format_copy(circle=circle, definition=thing.definition, name=name, now=now).ref
    return journey_copy(circle=circle, definition=thing.definition, name=name, now=now, brought=thing.formats).ref


def clause_propose(*, thing: Lendable, circle: Circle, why: str, by: User, now: datetime) -> Proposal:
    """Propose to a circle to put a clause of the shelf into its agreement: by its own rule and in its own time."""
    details = ProposalDetails(change=ClauseChange.ADD, why=why, theme=thing.theme, text=thing.text)
    return proposal_make(circle=circle, details=details, by=by, now=now)
