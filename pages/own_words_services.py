"""Deleting one's own words at once, and carrying what is one's own away."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.leftover_services import leftovers_note
from accounts.models import Absence, Availability, User
from accounts.refusals import Refused
from accounts.services import person_lock
from agreements.commitment_services import commitment_delete
from agreements.enums import Stance
from agreements.models import Commitment, ProposalResponse, Signature
from agreements.selectors import clauses_of
from circles.models import AuditEntry, CovenantVote, Membership, SelfRunVoice
from circles.sealed import Unreadable
from notifications.models import Preference
from pages.own_words import PUBLISHED, OwnField, own_of, words_of
from programmes.models import Enrolment
from programmes.rules.exports import csv_text
from sessions.models import BusyCalendar, Issue, Participation, PollAnswer, SessionRole
from sessions.planning.bringing_services import issue_take_back
from sessions.shelf.sentence_services import sentence_take_away

EXPORTS_A_DAY = 5


@transaction.atomic
def words_delete(*, user: User, key: str, code: UUID, now: datetime) -> bool:
    """Delete something of one's own for good. False when there is no such thing of theirs; Refused as its kind says."""
    if key == PUBLISHED:
        return sentence_take_away(user=user, key=code)
    own = own_of(key)
    if own is None:
        return False
    person_lock(user)
    rows = own.rows(user).filter(code=code)
    row = rows.first()
    if row is None:
        return False
    # Mails and a talk hang on a commitment: its own service ends them with it.
    if isinstance(row, Commitment):
        commitment_delete(commitment=row, now=now)
    # Others plan by who brings something: that it is gone has to reach the plan too.
    elif isinstance(row, Issue) and row.session.is_planned:
        issue_take_back(session=row.session, owner=user)
    else:
        words_drop(own, rows)
    return True


def words_drop(own: OwnField, rows: QuerySet[Any]) -> None:
    """Delete some rows of a kind of words; where they count for something only the words go, and the rows stay."""
    if own.takes_row:
        rows.delete()
    else:
        rows.update(**dict.fromkeys(own.fields, b""))
        leftovers_note(own.model)


@transaction.atomic
def export_make(*, user: User, now: datetime) -> bytes:
    """A zip with everything of one's own: a page to read, JSON for programs, CSV for spreadsheets. Refused the sixth
    time a day. Hours stand in the person's own time on the page, and in UTC, which is said, for programs."""
    person_lock(user)
    since = now - timedelta(days=1)
    if AuditEntry.objects.filter(verb="exported", actor=user, at__gt=since).count() >= EXPORTS_A_DAY:
        raise Refused(_("That was five times today. Try again tomorrow."))
    # Noted before anything is read, under the lock: of two presses at once the second counts the first.
    AuditEntry.objects.create(verb="exported", actor=user, at=now)
    words = words_of(user)
    sessions = list(_participation(user))
    account, signed = _account(user), _signed(user)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as file:
        context = {"user": user, "words": words, "sessions": sessions, "signed": signed, "now": now} | account
        file.writestr("read-me.html", render_to_string("pages/export_page.html", context))
        told = [{"what": one.label, "where": one.circle, "when": one.at, "words": one.texts} for one in words]
        everything = {"hours": "UTC"} | account | {"signed": signed, "words": told, "sessions": sessions}
        file.writestr("everything.json", json.dumps(everything, indent=2, ensure_ascii=False, default=_plain))
        table = [_cells([one.at, one.circle, one.label, "\n\n".join(one.texts)]) for one in words]
        file.writestr("words.csv", csv_text([["when (UTC)", "where", "what", "words"], *table]))
        heads = ["when (UTC)", "where", "said", "said at (UTC)", "said by", "attendance", "roles", "seconds"]
        file.writestr("sessions.csv", csv_text([heads, *(_cells(row.values()) for row in sessions)]))
    return out.getvalue()


def _cells(row: Iterable[Any]) -> list[Any]:
    return [cell.isoformat() if isinstance(cell, date) else "" if cell is None else cell for cell in row]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _participation(user: User) -> Iterable[dict[str, Any]]:
    """One's own part in each session."""
    rows = Participation.objects.filter(user=user).select_related("session__circle").order_by("session__starts_at")
    roles: dict[int, list[str]] = {}
    for session, role in SessionRole.objects.filter(user=user).values_list("session", "role_key"):
        roles.setdefault(session, []).append(role)
    for row in rows:
        yield {
            "when": row.session.starts_at,
            "where": row.session.circle.name,
            "said": row.rsvp,
            "said at": row.rsvp_at,
            "said by": row.rsvp_by if row.rsvp else "",
            "attendance": row.attendance,
            "roles": " ".join(roles.get(row.session_id, [])),
            "seconds": row.floor_seconds,
        }


def _account(user: User) -> dict[str, Any]:
    """What is known of a person besides their words and sessions."""
    # Named one by one, so that a column which comes later is carried away when somebody has thought about it.
    names = (
        "email",
        "name",
        "time_zone",
        "language",
        "quiet_from",
        "quiet_to",
        "daily_hour",
        "calendar_by",
        "date_joined",
    )
    members = Membership.objects.filter(user=user).values("circle__name", "facilitates", "joined_at", "left_at")
    promises = Commitment.objects.filter(owner=user).values("circle__name", "due_on", "status", "made_at", "settled_at")
    programmes = Enrolment.objects.filter(user=user).values("programme__name", "status", "asked_at")
    return {
        "account": {name: getattr(user, name) for name in names},
        "circles": list(members),
        "commitments": list(promises),
        "programmes": list(programmes),
        "can meet": list(Availability.objects.filter(user=user).values("weekday", "start", "end", "level")),
        "away": list(Absence.objects.filter(user=user).values("first_on", "last_on")),
        "calendar looked into since": BusyCalendar.objects.filter(user=user).values_list("made_at", flat=True).first(),
        "answers": _answers(user),
        "hears of": list(Preference.objects.filter(user=user).values("kind", "circle_code", "channel", "lead")),
    }


def _signed(user: User) -> list[dict[str, Any]]:
    """The agreements somebody signed; with their text where they are in the circle still, and it can be read."""
    rows = Signature.objects.filter(user=user).select_related("version__agreement__circle").order_by("signed_at")
    # Whoever has left reads no clause on a page any more, and so none in a file.
    inside = set(Membership.objects.filter(user=user, left_at=None).values_list("circle", flat=True))
    return [
        {
            "where": row.version.agreement.circle.name,
            "version": row.version.number,
            "when": row.signed_at,
            "digest": row.digest,
            "text": _text_of(row) if row.version.agreement.circle_id in inside else [],
        }
        for row in rows
    ]


def _text_of(signature: Signature) -> list[str]:
    return [str(clause.text) for clause in clauses_of(signature.version) if not isinstance(clause.text, Unreadable)]


def _answers(user: User) -> list[dict[str, Any]]:
    """What somebody said by a press: to proposals, to going on, to self-running, to times that were asked about."""
    stances = ProposalResponse.objects.filter(user=user).exclude(stance=Stance.NONE)
    stances = stances.select_related("proposal__agreement__circle")
    votes = CovenantVote.objects.filter(user=user).select_related("covenant__circle")
    voices = SelfRunVoice.objects.filter(user=user).select_related("circle")
    times = PollAnswer.objects.filter(user=user).select_related("option__poll__circle")
    found = [
        *((one.at, one.proposal.agreement.circle, _("A proposal"), one.get_stance_display()) for one in stances),
        *((None, one.covenant.circle, _("What next"), one.get_choice_display()) for one in votes),
        *((one.at, one.circle, _("The circle runs itself"), _("yes") if one.yes else _("not yet")) for one in voices),
        *((one.option.starts_at, one.option.poll.circle, _("A time"), one.get_level_display()) for one in times),
    ]
    return [
        {"when": at, "where": circle.name, "what": str(what), "answer": str(answer)}
        for at, circle, what, answer in found
    ]
