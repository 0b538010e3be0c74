"""The only writes to who stands where on a board: several moves at once, undoing them, what stays as it is."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from programmes.enums import EnrolmentStatus
from programmes.facilitating_selectors import facilitators_for
from programmes.forming_selectors import board_of
from programmes.lock_services import board_lock
from programmes.models import BoardStep, DraftCircle, Enrolment, Placement, Round

STEPS_KEPT = 20
# A circle is made of twelve at most; on the board there is room for moving people about. All pairs in it are looked at.
IN_ONE_AT_MOST = 24


@transaction.atomic
def people_move(*, round_: Round, moves: Mapping[int, DraftCircle | None]) -> int:
    """Put people, by the keys of their enrolments, into circles of the board or into none, as one step. How many moved.

    All or nobody: refused where one of them has withdrawn meanwhile, waits for a place or has a circle, and where a
    circle is no longer on the board, or would hold far too many. Whoever is moved is no longer kept where they were.
    """
    board_lock(round_)
    asking = Enrolment.objects.filter(programme=round_.programme_id, status=EnrolmentStatus.ENROLLED, pk__in=moves)
    found = set(asking.values_list("pk", flat=True))
    if any(draft is not None and pk not in found for pk, draft in moves.items()):
        raise Refused(_("They are not among those who ask for a circle now. Look at the board again."))
    before = dict(Placement.objects.filter(round=round_, enrolment__in=moves).values_list("enrolment_id", "draft_id"))
    after = {pk: draft.pk if draft else None for pk, draft in moves.items()}
    there = set(DraftCircle.objects.filter(round=round_).values_list("pk", flat=True))
    if set(after.values()) - there - {None}:
        raise Refused(_("That circle is no longer on the board."))
    stay = Placement.objects.filter(round=round_, draft__in=there).exclude(enrolment__in=moves)
    full = Counter([*stay.values_list("draft_id", flat=True), *(to for to in after.values() if to is not None)])
    if any(full[to] > IN_ONE_AT_MOST for to in after.values() if to is not None):
        raise Refused(_("A circle holds twelve people at most. Move fewer into one."))
    return _written(round_, [(pk, before.get(pk), to) for pk, to in after.items() if before.get(pk) != to])


def person_place(*, round_: Round, enrolment: Enrolment, draft: DraftCircle | None) -> int:
    """The same for one person: in one circle of a round at most."""
    return people_move(round_=round_, moves={enrolment.pk: draft})


def _written(round_: Round, moved: Sequence[tuple[int, int | None, int | None]]) -> int:
    if not moved:
        return 0
    _put(round_, {pk: to for pk, _from, to in moved})
    BoardStep.objects.create(round=round_, moves=[list(one) for one in moved])
    # A board stands open for weeks, and nobody takes back what they did three days ago.
    old = BoardStep.objects.filter(round=round_).order_by("-pk").values_list("pk", flat=True)[STEPS_KEPT:]
    BoardStep.objects.filter(pk__in=list(old)).delete()
    return len(moved)


def _put(round_: Round, where: Mapping[int, int | None]) -> None:
    """Each of these enrolments into one circle of the board, or into none."""
    Placement.objects.filter(round=round_, enrolment__in=where).delete()
    Placement.objects.bulk_create(
        [Placement(round=round_, enrolment_id=pk, draft_id=to) for pk, to in where.items() if to is not None]
    )


@transaction.atomic
def step_undo(*, round_: Round) -> int:
    """Take the last step back: each of its people goes where they were before, who is still where it put them.

    Somebody who was moved on or has withdrawn meanwhile stays, and whose circle has gone waits. How many went back.
    """
    board_lock(round_)
    step = BoardStep.objects.filter(round=round_).order_by("-pk").first()
    if step is None:
        raise Refused(_("There is no move to undo."))
    keys = [pk for pk, _from, _to in step.moves]
    at = dict(Placement.objects.filter(round=round_, enrolment__in=keys).values_list("enrolment_id", "draft_id"))
    there = set(DraftCircle.objects.filter(round=round_).values_list("pk", flat=True))
    asking = Enrolment.objects.filter(pk__in=keys, programme=round_.programme_id, status=EnrolmentStatus.ENROLLED)
    still = set(asking.values_list("pk", flat=True))
    back = {
        pk: before if before in there else None
        for pk, before, after in step.moves
        if pk in still and at.get(pk) == after
    }
    _put(round_, back)
    step.delete()
    return len(back)


@transaction.atomic
def draft_lock(*, draft: DraftCircle, locked: bool) -> None:
    """Whether a circle of the board stays as it is, whatever is proposed."""
    board_lock(draft.round)
    DraftCircle.objects.filter(pk=draft.pk).update(locked=locked)


@transaction.atomic
def people_pin(*, round_: Round, enrolments: Sequence[int], pinned: bool) -> int:
    """Whether people stay in their circle of the board, whatever is proposed. How many of them have one."""
    board_lock(round_)
    return Placement.objects.filter(round=round_, enrolment__in=enrolments).update(pinned=pinned)


@transaction.atomic
def facilitators_propose(*, round_: Round) -> tuple[int, int]:
    """Choose somebody for each circle that nobody is chosen for, of those who offered it. They are asked by nobody yet.

    How many circles have somebody now, and how many still have nobody.
    """
    board_lock(round_)
    board = board_of(round_)
    found = facilitators_for(board)
    for key, user in found.items():
        DraftCircle.objects.filter(pk=key, round=round_, facilitator=None).update(facilitator=user)
    left = sum(1 for pot in board.pots if pot.people and pot.draft.facilitator_id is None and pot.draft.pk not in found)
    return len(found), left
