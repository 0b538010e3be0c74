"""What members say to what their circle decides by the rule of its agreement: a proposal, or lending something."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.refusals import Refused
from accounts.services import row_write
from agreements.enums import Stance
from agreements.models import StanceTaken
from agreements.rules.adopting import Stances
from circles.models import Membership


def ring_ids(circle_id: int) -> list[int]:
    """Who has a say: the members who take part."""
    rows = Membership.objects.filter(circle=circle_id, left_at=None, takes_part=True, user__is_active=True)
    return list(rows.values_list("user_id", flat=True))


def stances_of(
    rows: Sequence[StanceTaken], *, members: Iterable[int], made_at: datetime, days: int, talked_at: datetime | None
) -> Stances:
    """What the rule looks at. `members` are those who take part."""
    return Stances(
        made_at=made_at,
        days=days,
        members=frozenset(members),
        yes=frozenset(row.user_id for row in rows if row.stance == Stance.YES),
        concerns=frozenset(row.user_id for row in rows if row.stance == Stance.CONCERN),
        talked_at=talked_at,
        present=frozenset(row.user_id for row in rows if row.was_there),
    )


def stance_write(row: StanceTaken, *, stance: str, comment: str, now: datetime) -> None:
    """What somebody says now, in place of what they said before. Refused for a concern without words."""
    if stance == Stance.CONCERN and not comment:
        raise Refused(_("Say in a few words what concerns you, so that the circle can talk about it."))
    row_write(row, stance=stance, comment=comment, at=now)


def were_there_write(rows: Sequence[StanceTaken], *, present: Collection[int], began: datetime) -> bool:
    """A session was held: whether what had a concern was talked about there. If so, who was there is kept.

    `rows` holds new ones too, for those who were there and have said nothing.
    """
    # A concern raised during the session was not one that opened it: that talk is still to come.
    if not any(row.stance == Stance.CONCERN and row.at <= began for row in rows):
        return False
    for row in rows:
        if row.user_id in present:
            row_write(row, was_there=True)
    return True
