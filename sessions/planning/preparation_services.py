"""Writing a preparation sheet, and turning it into the issue one brings."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock
from circles.sealed import Unreadable
from sessions.enums import Ask, SessionStatus
from sessions.models import CircleSession, Issue, Leg, SheetAnswer
from sessions.planning.bringing_services import BOTH_TOO_LONG, issue_bring
from sessions.planning.preparation_selectors import sheet_of
from sessions.rules.texts import LONGEST_ANSWER, LONGEST_TEXT, LONGEST_TITLE, kept
from sessions.services import session_lock


@transaction.atomic
def sheet_write(
    *,
    session: CircleSession,
    leg: Leg,
    owner: User,
    texts: Mapping[int, str],
    now: datetime,
    shown: str = "",
    seen: Mapping[int, str] | None = None,
) -> bool:
    """Keep somebody's answers, by the number of the question; an empty one is deleted. Refused once it is over.

    `shown` is the code of the session of a journey whose questions they had before them; Refused when the date has
    another by now. `seen` marks the answers they had before them (`texts.kept`). Whether others stood there by now.
    """
    person_lock(owner)
    session_lock(session)
    if shown not in ("", str(leg.code)) or not Leg.objects.filter(pk=leg.pk, session=session).exists():
        raise Refused(
            _("Your circle has moved its sessions: these are other questions now. Copy your words and open it afresh.")
        )
    if session.status not in (SessionStatus.PLANNED, SessionStatus.RUNNING):
        raise Refused(_("The session is over, so nothing is kept here any more."))
    stands = {one.question: one for one in SheetAnswer.objects.filter(leg=leg, owner=owner)}
    joined = False
    for question, typed in texts.items():
        found = stands.get(question)
        if found and isinstance(found.text, Unreadable):
            raise Refused(_("What you wrote cannot be read at the moment, so it cannot be changed."))
        text = kept(found.text if found else "", typed, (seen or {}).get(question, ""))
        if len(text) > LONGEST_ANSWER:
            raise Refused(BOTH_TOO_LONG)
        joined |= text != typed
        if found and not text:
            found.delete()
        elif found and found.text != text:
            found.text, found.written_at = text, now
            found.save(update_fields=["text", "written_at"])
        elif text and not found:
            made = SheetAnswer(leg=leg, owner=owner, question=question, vault=session.circle.vault, written_at=now)
            made.text = text
            made.save(force_insert=True)
    return joined


@transaction.atomic
def sheet_bring(*, session: CircleSession, leg: Leg, owner: User) -> Issue:
    """Bring what stands on one's sheet as one's issue: the first answer is its sentence, the others its lines.

    The sheet stays as it is. Refused when nothing stands there, and where one brings something already.
    """
    person_lock(owner)
    written = [one for one in sheet_of(leg, owner) if one.text]
    if not written:
        raise Refused(_("Nothing stands on your sheet yet."))
    if Issue.objects.filter(session=session, owner=owner).exists():
        raise Refused(_("You bring something already. You can change it on the session’s page."))
    first = " ".join(written[0].text.split())
    title = first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"
    rest = ([written[0].text] if title != first else []) + [one.text for one in written[1:]]
    text = "\n\n".join(rest)[:LONGEST_TEXT]
    return issue_bring(session=session, owner=owner, title=title, text=text, ask=Ask.QUESTIONS)
