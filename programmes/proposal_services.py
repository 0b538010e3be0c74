"""The only writes to what circles are proposed by, to the working out of proposals, and to what becomes of one."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from programmes.board_services import people_move
from programmes.engine_selectors import mark_of, problem_of
from programmes.enums import RunState, Scope
from programmes.forming.choices import FormingProposal, choices
from programmes.forming.model import VERSION, Answer, Problem
from programmes.forming.reasons import about_circles, about_people, about_waiting
from programmes.forming.running import Lost, run
from programmes.forming.solving import Progress, judged
from programmes.forming.tally import bosses_of, breaches
from programmes.forming_selectors import Board, board_of, unreadable_words
from programmes.forming_services import draft_add
from programmes.lock_services import board_lock
from programmes.models import DraftCircle, FormingRun, Placement, Programme, Round
from programmes.proposal_selectors import matched

SEED = 1
# With fewer people who may be moved, what is proposed and what is not would tell what somebody asked in confidence.
FEWEST_IN_CONFIDENCE = 12
# For so many people at most, so many seconds in all.
SECONDS = ((60, 10), (150, 60), (10_000, 120))
# Nobody has heard of a run for so long: whoever worked on it is gone.
LEASE = timedelta(seconds=45)
ATTEMPTS = 3
BEAT = timedelta(seconds=1)
# So often more what was found is written down, each time after as long as the database makes one wait.
TRIES = 4
log = logging.getLogger("talking_piece.turns")
Clock = Callable[[], datetime]


def rules_change(*, programme: Programme, chosen: Mapping[str, Any]) -> None:
    """What circles of the programme are proposed by from now on."""
    Programme.objects.filter(pk=programme.pk).update(forming=dict(chosen))
    programme.forming = dict(chosen)


@transaction.atomic
def run_ask(*, round_: Round, scope: str, by: User, now: datetime) -> FormingRun:
    """Ask for circles to be worked out for a board. An earlier answer for it goes.

    Refused while one is being worked out, for a board nobody is on, where what people told cannot be read, and where so
    few may be moved that an answer would tell what somebody asked in confidence.
    """
    board_lock(round_)
    board = board_of(round_)
    if not board.is_readable:
        raise Refused(unreadable_words())
    free = free_to_move(board, scope)
    if not free:
        raise Refused(_("There is nobody who could be moved: everybody is in a circle that is to stay."))
    programme = round_.programme
    if programme.in_confidence and free < FEWEST_IN_CONFIDENCE:
        raise Refused(too_few_words(free))
    FormingRun.objects.filter(round=round_, state__in=[RunState.DONE, RunState.LOST]).delete()
    seconds = next(seconds for most, seconds in SECONDS if free <= most)
    try:
        with transaction.atomic():
            return FormingRun.objects.create(
                round=round_, asked_by=by, asked_at=now, scope=scope, seconds=seconds, seed=SEED
            )
    except IntegrityError as error:
        raise Refused(_("Circles are being worked out for this board already.")) from error


def too_few_words(free: int) -> str:
    """Said whatever anybody asked: it follows from the number alone."""
    words = _(
        "Circles are proposed here for %(least)s people or more, and %(free)s can be moved: what is proposed for fewer "
        "would tell what somebody asked in confidence. Put them together by hand."
    )
    return words % {"least": FEWEST_IN_CONFIDENCE, "free": free}


def free_to_move(board: Board, scope: str) -> int:
    """How many people of a board a proposal may put somewhere else."""
    if scope == Scope.WAITING:
        return len(board.unplaced)
    moving = (one for pot in board.pots if not pot.draft.locked for one in pot.people if not one.pinned)
    return len(board.unplaced) + sum(1 for _one in moving)


def run_stop(*, run_: FormingRun) -> None:
    """Stop a run: what was found best so far is kept. Of no effect on one that has ended."""
    going = FormingRun.objects.filter(pk=run_.pk)
    going.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).update(stop_asked=True)


def run_claim(*, now: datetime) -> FormingRun | None:
    """The next run to work on, taken by compare-and-set: one that was asked for, or whose worker is gone.

    One that was begun too often is ended with what was found.
    """
    gone = Q(state=RunState.RUNNING, beat_at__lt=now - LEASE)
    rows = FormingRun.objects.filter(Q(state=RunState.QUEUED) | gone)
    for row in rows.select_related("round__programme__vault").order_by("asked_at", "pk"):
        mine = FormingRun.objects.filter(pk=row.pk, state=row.state, beat_at=row.beat_at, attempts=row.attempts)
        taken = {"state": RunState.RUNNING, "beat_at": now, "begun_at": now, "attempts": row.attempts + 1}
        if not mine.update(**taken):
            continue
        row.refresh_from_db(fields=["state", "beat_at", "begun_at", "attempts", "stop_asked"])
        return row
    return None


def run_work(run_: FormingRun, clock: Clock, solver: Callable[..., Answer] = run) -> None:
    """Work a claimed run out, in as many seconds as it has, and keep the proposals. Safe to be killed at any moment."""
    try:
        board = board_of(run_.round)
        if not board.is_readable:
            _end(run_, [], clock())
            return
        problem = problem_of(board, waiting_only=run_.scope == Scope.WAITING)
        mark = {"version": VERSION, "input_mark": mark_of(problem)}
        _mine(run_).update(**mark)
        found = _found(run_, problem, clock, solver)
    except Lost:
        found = None
    _end(run_, [_told(one, problem) for one in found] if found else [], clock())


def _mine(run_: FormingRun) -> Any:
    """The run, while it is still this worker's."""
    return FormingRun.objects.filter(pk=run_.pk, state=RunState.RUNNING, attempts=run_.attempts)


def _found(
    run_: FormingRun, problem: Problem, clock: Clock, solver: Callable[..., Answer]
) -> list[FormingProposal] | None:
    if run_.attempts > ATTEMPTS or run_.stop_asked:
        # Whoever worked on it was killed each time, perhaps by this very problem: what was found before is better than
        # one more try.
        best = run_.progress.get("best")
        return [FormingProposal("rules", judged(problem, _still(best, problem), 0, "asked", 0))] if best else None
    going = True
    aim = 0
    last: datetime | None = None

    def heard(progress: Progress, best: Sequence[Sequence[int]]) -> bool:
        nonlocal going, last
        now = clock()
        if last is not None and now - last < BEAT:
            return going
        last = now
        told = _progress(progress, best, problem, aim)
        # Of a later proposal only that it goes on: the first is what is kept, whatever happens.
        kept = {"progress": told} if aim == 0 else {}
        try:
            going = bool(_mine(run_).filter(stop_asked=False).update(beat_at=now, **kept))
        except OperationalError:
            log.warning("the database is busy: progress is written down a second later")
        return going

    def solved(asked: Problem, seconds: float, seed: int) -> Answer | None:
        nonlocal aim
        if not going:
            return None
        answer = solver(asked, seconds, seed, heard=heard)
        if aim == 0:
            told = _progress(Progress(answer.cost, answer.bound, answer.steps, 0), answer.circles, problem, 1)
            _patiently(lambda: _mine(run_).update(progress=told, beat_at=clock()))
        aim += 1
        return answer

    return choices(problem, run_.seconds, run_.seed, solved)


def _still(best: Iterable[Sequence[int]], problem: Problem) -> list[list[int]]:
    """Circles found earlier, of those who are there now."""
    there = {one.id for one in problem.people}
    circles = [[who for who in circle if who in there] for circle in best]
    return [circle for circle in circles if circle]


def _progress(progress: Progress, best: Sequence[Sequence[int]], problem: Problem, aim: int) -> dict[str, Any]:
    placed = sum(len(circle) for circle in best)
    return {
        "best": [list(circle) for circle in best],
        "waiting": len(problem.people) - placed,
        "cost": progress.cost,
        "bound": progress.bound,
        "proved": progress.cost >= 0 and progress.bound >= progress.cost,
        "aim": aim,
    }


def _told(one: FormingProposal, problem: Problem) -> dict[str, Any]:
    """A proposal as it is kept: circles, counts and facts of each. Languages are left out: somebody wrote them."""
    circles = one.answer.circles
    by_id = {person.id: person for person in problem.people}
    bosses = bosses_of(problem.people)
    counts: dict[str, int] = {}
    for circle in circles:
        for term, number in breaches([by_id[who] for who in circle], problem.rules, problem.met, bosses).items():
            counts[term] = counts.get(term, 0) + number
    wished = sum(1 for person in problem.people if person.want)
    return {
        "aim": one.aim,
        "circles": [
            {"people": list(fact.circle), "starts": sorted(fact.starts), "unsaid": fact.unsaid, "met": fact.met}
            for fact in about_circles(circles, problem)
        ],
        "people": [asdict(fact) for fact in about_people(circles, problem)],
        "waiting": [asdict(fact) for fact in about_waiting(circles, problem)],
        "counts": {term: number for term, number in counts.items() if number},
        "wished": wished,
        "cost": one.answer.cost,
        "bound": one.answer.bound,
        # Of other aims it is shown that nothing is better for them, which is not the best by the programme's own rules.
        "proved": one.answer.proved and one.aim == "rules",
        "stopped": one.answer.stopped,
    }


def _end(run_: FormingRun, told: list[dict[str, Any]], now: datetime) -> None:
    state = RunState.DONE if told else RunState.LOST
    _patiently(lambda: _mine(run_).update(state=state, choices=told, ended_at=now, progress={}))


def _patiently(write: Callable[[], object]) -> None:
    """What took a minute to find is not lost because the database is busy for a moment."""
    for _turn in range(TRIES):
        try:
            write()
            return
        except OperationalError:
            log.warning("the database is busy: what was found is written down at the next try")
    write()


def gone_words() -> str:
    """Said where a proposal was put on the board or dropped meanwhile."""
    return _("This proposal is no longer there. Look at the board again.")


def run_drop(*, run_: FormingRun) -> None:
    """A proposal is not wanted: the board stays as it is."""
    FormingRun.objects.filter(pk=run_.pk).delete()


@transaction.atomic
def proposal_take(*, run_: FormingRun, number: int) -> int:
    """Put a proposal on the board in one step that can be undone. How many people moved.

    Locked circles and people who are kept where they are stay, also those meanwhile; whoever has withdrawn is left out,
    and whoever came since waits. Refused for a proposal that is no longer there.
    """
    round_ = run_.round
    board_lock(round_)
    if not FormingRun.objects.filter(pk=run_.pk, state=RunState.DONE).exists() or not 0 <= number < len(run_.choices):
        raise Refused(gone_words())
    board = board_of(round_)
    here = {one.enrolment.pk for one in board.everybody}
    fixed = {one.enrolment.pk for pot in board.pots for one in pot.people if pot.draft.locked or one.pinned}
    wanted = [[who for who in circle["people"] if who in here] for circle in run_.choices[number]["circles"]]
    # Whoever may be moved begins without a place: whom the proposal does not name waits.
    moves: dict[int, DraftCircle | None] = dict.fromkeys(here - fixed)
    for circle, draft in matched(wanted, board):
        if draft is None or not draft.locked:
            draft = draft or draft_add(round_=round_)
            moves |= {who: draft for who in circle if who not in fixed}
    moved = people_move(round_=round_, moves=moves)
    _tidied(round_)
    FormingRun.objects.filter(pk=run_.pk).delete()
    return moved


def _tidied(round_: Round) -> None:
    """Circles that nobody is in and that nobody chose anything for are taken off: they would only stand in the way."""
    filled = Placement.objects.filter(round=round_).values("draft")
    bare = DraftCircle.objects.filter(round=round_, facilitator=None, first_on=None, first_at=None, locked=False)
    bare.exclude(pk__in=filled).delete()
