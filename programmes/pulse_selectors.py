"""Reads of pulses: only what was fixed, never an answer of somebody in particular."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from circles.models import Circle, Membership
from programmes.enums import Moment, Statement
from programmes.models import (
    Enrolment,
    Programme,
    ProgrammeInvitation,
    Pulse,
    PulseAnswer,
    PulseReport,
    PulseTicket,
    Quote,
    RoundCircle,
)
from programmes.participation_selectors import Filter, Totals, totals_of
from programmes.rules.anonymity import FEWEST
from programmes.rules.uncertainty import HIGHEST, LOWEST, Band, Mean, MeanChange, change_between

# The circle reads its figures before the programme does.
CIRCLES_FIRST = timedelta(days=2)
SENTENCES_SHOWN = 60
QUOTES_SHOWN = 40
REPORTS_A_PAGE = 12


BAND_WORDS = {
    Band.LOW: lambda: _("mostly not"),
    Band.MIDDLE: lambda: _("in between"),
    Band.HIGH: lambda: _("mostly yes"),
}


@dataclass(frozen=True)
class Figure:
    """One statement of a report: a band of three, or the mean and where it probably lies, drawn from 0 to 100."""

    statement: str
    number: int
    mean: Mean | None
    band: str = ""

    @property
    def low(self) -> float | None:
        """Where the interval of the mean begins; None where too few answered for one."""
        return self.mean.interval[0] if self.mean else None

    @property
    def high(self) -> float | None:
        """Where the interval of the mean ends; None where too few answered for one."""
        return self.mean.interval[1] if self.mean else None

    @property
    def drawn(self) -> tuple[int, int, int]:
        """The mean and both ends of its interval, in hundredths of the scale. ValueError where there is a band only."""
        if self.mean is None:
            raise ValueError("a band is not drawn")
        low, high = self.mean.interval
        return at(self.mean.mean), at(low), at(high)


def at(score: float) -> int:
    """Where a score lies on the line that is drawn, in whole per cent from its left end."""
    return round(100 * (score - LOWEST) / (HIGHEST - LOWEST))


def figures_of(report: PulseReport) -> list[Figure]:
    """The statements of a report in their order."""
    means = _means(report)
    found = []
    for one in Statement:
        if held := report.figures.get(one.value):
            band = "" if one in means else BAND_WORDS[Band(held["band"])]()
            found.append(Figure(str(one.label), held["n"], means.get(one), band))
    return found


def _means(report: PulseReport) -> Mapping[Statement, Mean]:
    """The means of a report; empty where there are bands."""
    held = report.figures
    return {
        one: Mean(held[one.value]["n"], held[one.value]["mean"], held[one.value]["sd"])
        for one in Statement
        if "mean" in held.get(one.value, {})
    }


@dataclass(frozen=True)
class Changed:
    """One statement at the start and at the end, and what can be said of the difference."""

    statement: str
    before: Mean
    after: Mean
    change: MeanChange


def change_of(before: PulseReport | None, after: PulseReport | None) -> list[Changed]:
    """Statements that both reports have; empty where there are not both: too few to say."""
    if before is None or after is None:
        return []
    first, last = _means(before), _means(after)
    return [
        Changed(str(one.label), first[one], last[one], change_between(first[one], last[one]))
        for one in first
        if one in last
    ]


# In the circle


@dataclass(frozen=True)
class CirclePulse:
    """A pulse as the members of a circle see it once it is fixed."""

    pulse: Pulse
    report: PulseReport | None
    figures: list[Figure]
    helps: list[str]
    change: list[str]


def pulses_of_circle(circle: Circle, member: Membership) -> list[CirclePulse]:
    """Fixed pulses of a circle, the latest first; words of those only that closed after the reader had joined.

    Whoever looks after it without a seat reads no figures from before either: they may administer the programme, and
    some figures stay in the circle. What was written stands in a random order, without a date. Three queries.
    """
    rows = Pulse.objects.filter(round__circles__circle=circle, frozen_at__isnull=False).order_by("-frozen_at")
    pulses = list(rows if member.takes_part else rows.filter(frozen_at__gte=member.joined_at))
    reports = {row.pulse_id: row for row in PulseReport.objects.filter(circle=circle, pulse__in=pulses)}
    words: dict[int, list[PulseAnswer]] = {}
    # The key is random and says nothing about who wrote, or when: its order is as good as shuffled.
    for answer in PulseAnswer.objects.filter(circle=circle, pulse__in=pulses).order_by("key"):
        words.setdefault(answer.pulse_id, []).append(answer)
    found = []
    for pulse in pulses:
        report = reports.get(pulse.pk)
        may_read = report and pulse.frozen_at and member.joined_at <= pulse.frozen_at and member.takes_part
        given = words.get(pulse.pk, []) if may_read else []
        found.append(
            CirclePulse(
                pulse,
                report,
                figures_of(report) if report else [],
                sorted((one.helps for one in given if one.helps), key=_mixed),
                sorted((one.change for one in given if one.change), key=_mixed),
            )
        )
    return found


def _mixed(text: str) -> str:
    """An order of its own for each of the two questions, so that two sentences of one writer do not stand alike."""
    return text[::-1]


def tickets_open(user: User) -> QuerySet[PulseTicket]:
    """Pulses somebody has not answered yet, in circles they are in; nothing is asked yet."""
    rows = PulseTicket.objects.filter(user=user, answered=False, pulse__frozen_at=None)
    rows = rows.filter(circle__memberships__user=user, circle__memberships__left_at=None)
    return rows.select_related("pulse", "circle").order_by("pulse__closes_on", "pk")


def too_few(circle: Circle) -> bool:
    """Whether a circle is so small that it has no figures of its own: it talks instead."""
    return Membership.objects.filter(circle=circle, left_at=None, takes_part=True).count() < FEWEST


# In the programme


@dataclass(frozen=True)
class ProgrammePulse:
    """A pulse as administrators see it: when, how many answered, and figures once the circles have had them."""

    pulse: Pulse
    report: PulseReport | None
    figures: list[Figure]
    circles: int
    waits: bool
    sentences: Page[str]


def pulses_of_programme(
    programme: Programme, *, now: datetime, asked: Mapping[str, str] | None = None
) -> list[ProgrammePulse]:
    """The pulses of all rounds, the latest first, and of how many circles figures may leave them. Four queries.

    `asked` says which page of its sentences is shown of a pulse, by its code.
    """
    rows = Pulse.objects.filter(round__programme=programme).select_related("round").order_by("-opens_on", "-pk")
    pulses = list(rows[:24])
    seen = [one for one in pulses if one.frozen_at and one.frozen_at + CIRCLES_FIRST <= now]
    shared = PulseReport.objects.filter(pulse__in=seen, shared=True)
    wholes = {report.pulse_id: report for report in shared.filter(circle=None)}
    of_circles = shared.exclude(circle=None).order_by().values_list("pulse").annotate(number=Count("pk"))
    numbers: dict[int, int] = dict(of_circles)
    sentences = released(seen)
    found = []
    for pulse in pulses:
        whole = wholes.get(pulse.pk)
        waits = pulse.frozen_at is not None and pulse not in seen
        figures = figures_of(whole) if whole else []
        said = Paginator(sentences.get(pulse.pk, []), SENTENCES_SHOWN).get_page((asked or {}).get(str(pulse.code)))
        found.append(ProgrammePulse(pulse, whole, figures, numbers.get(pulse.pk, 0), waits, said))
    return found


def circles_of_pulse(pulse: Pulse, number: str | None, *, now: datetime) -> Page[PulseReport]:
    """The circles whose figures may leave them, by name, once they have had them first. Two queries."""
    seen = pulse.frozen_at is not None and pulse.frozen_at + CIRCLES_FIRST <= now
    rows = PulseReport.objects.filter(pulse=pulse, shared=True).exclude(circle=None).select_related("circle")
    rows = rows if seen else rows.none()
    return Paginator(rows.order_by("circle__name", "pk"), REPORTS_A_PAGE).get_page(number)


def released(pulses: list[Pulse]) -> dict[int, list[str]]:
    """Sentences whose writers let the programme read them, by pulse: without a circle, a name or an order."""
    found: dict[int, list[str]] = {}
    rows = PulseAnswer.objects.filter(pulse__in=pulses)
    for answer in rows.filter(helps_released=True) | rows.filter(change_released=True):
        said = found.setdefault(answer.pulse_id, [])
        said += [answer.helps] if answer.helps_released and answer.helps else []
        said += [answer.change] if answer.change_released and answer.change else []
    return {pulse: sorted(said, key=_mixed) for pulse, said in found.items()}


@dataclass(frozen=True)
class Evaluation:
    """What an administrator can show at the end: reach, rhythm, promises, what changed, and offered sentences."""

    invited: int
    by_page: int
    asked: int
    joined: int
    still: int
    totals: Totals
    changed: list[Changed]
    worth: Figure | None
    quotes: Page[Quote]


def evaluation_of(programme: Programme, *, now: datetime, page: str | None = None) -> Evaluation:
    """Sums over all circles and rounds; the change between the first start and the last end that have figures."""
    circles = RoundCircle.objects.filter(round__programme=programme).values("circle")
    members = Membership.objects.filter(circle__in=circles, takes_part=True).aggregate(
        joined=Count("user", distinct=True), still=Count("user", distinct=True, filter=Q(left_at=None))
    )
    reports = _whole_reports(programme, now)
    before = next((one for one in reports if one.pulse.moment == Moment.START), None)
    after = next((one for one in reversed(reports) if one.pulse.moment == Moment.END), None)
    worth = (
        next((one for one in figures_of(after) if one.statement == str(Statement.WORTH.label)), None) if after else None
    )
    invitations = ProgrammeInvitation.objects.filter(programme=programme).order_by().values("email").distinct()
    asked = Enrolment.objects.filter(programme=programme).count()
    quotes = Quote.objects.filter(programme=programme).select_related("user").order_by("code")
    return Evaluation(
        invited=invitations.count(),
        # Whoever did not come by an invitation found the page that is open to everybody.
        by_page=max(0, asked - invitations.filter(used_at__isnull=False).count()),
        asked=asked,
        **members,
        totals=totals_of(programme, Filter()),
        changed=change_of(before, after),
        worth=worth,
        quotes=Paginator(quotes, QUOTES_SHOWN).get_page(page),
    )


def _whole_reports(programme: Programme, now: datetime) -> list[PulseReport]:
    """The programme's own reports that its circles have had first, in the order in which they were fixed. One query."""
    rows = PulseReport.objects.filter(
        circle=None, pulse__round__programme=programme, pulse__frozen_at__lte=now - CIRCLES_FIRST
    )
    return list(rows.select_related("pulse").order_by("pulse__frozen_at", "pk"))
