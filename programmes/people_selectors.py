"""Several people of a programme at once: their addresses, and the table of all. Where they stand, never figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Availability
from programmes.enrolment_selectors import PeopleFilter, people_found
from programmes.enums import ATTRIBUTES, Asked, EnrolmentStatus
from programmes.models import Programme
from programmes.places_selectors import places_of

# A longer address of a letter is cut off by mail programs.
LONGEST_LETTER_ADDRESS = 1800
# Of what people told, these stand in the table too, where the programme asks for them. Who manages whom does not.
TOLD = tuple(one for one in ATTRIBUTES if one != Asked.MANAGER)


@dataclass(frozen=True)
class PeopleLetter:
    """Whom an administrator writes to in their own mail program."""

    emails: tuple[str, ...]

    @property
    def bcc(self) -> str:
        """The addresses as the address of a letter has them."""
        return ",".join(self.emails)

    @property
    def addresses(self) -> str:
        """The addresses to be copied."""
        return ", ".join(self.emails)

    @property
    def is_short(self) -> bool:
        """Whether a mail program takes all addresses with one press."""
        return len(self.bcc) <= LONGEST_LETTER_ADDRESS


def letter_to(
    programme: Programme, asked: PeopleFilter, now: datetime, people: Collection[UUID | str] | None = None
) -> PeopleLetter | None:
    """The addresses of `people`, or of everybody whom a filter leaves; None for nobody."""
    rows = people_found(programme, asked, now).filter(user__is_active=True)
    found = tuple((rows if people is None else rows.filter(code__in=people)).values_list("user__email", flat=True))
    return PeopleLetter(found) if found else None


def people_rows(programme: Programme, asked: PeopleFilter, now: datetime) -> list[list[str]]:
    """The table of people whom a filter leaves, with its first line. Four queries.

    What they wrote, whom they wish for, who manages them, what they came to or promised: none of it stands here.
    """
    told = [one for one in TOLD if one.value in programme.asks]
    hours = Exists(Availability.objects.filter(user=OuterRef("user")))
    rows = list(people_found(programme, asked, now).annotate(named=hours))
    places = places_of(programme, [one.user for one in rows if one.status == EnrolmentStatus.PLACED], now=now)
    head = [
        _("Name"),
        _("Email address"),
        *(str(one.label).capitalize() for one in told),
        _("Where they stand"),
        _("Asked on"),
        _("Has named times"),
        _("Would look after a circle"),
    ]
    yes, no = _("yes"), _("no")
    return [
        head,
        *(
            [
                str(row.user),
                row.user.email,
                *(row.facts.get(one.value, "") for one in told),
                places[row.user_id].words if row.user_id in places else str(row.get_status_display()),
                row.asked_at.date().isoformat(),
                yes if row.named else no,
                yes if row.may_facilitate else no,
            ]
            for row in rows
        ),
    ]
