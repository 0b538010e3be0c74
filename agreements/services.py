"""The only writes to agreements, their versions and signatures."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from agreements.enums import Start
from agreements.models import Agreement, AgreementVersion, Clause, Signature
from agreements.rules.adopting import USUAL_DAYS
from agreements.rules.differences import ClauseText
from agreements.selectors import current_version
from agreements.starting import STARTS
from circles.models import Circle
from circles.rules import crypto


def text_of(clauses: Sequence[tuple[str, str]], adopt_days: int | None = None) -> str:
    """The exact text that a digest is of: theme and words of every clause, in order, and the rule for changing it."""
    # Texts from before there was such a rule have none in their digest: what was signed then still holds.
    rule = [] if adopt_days is None else [f"rule\t{adopt_days}"]
    return "\n".join([f"{theme}\t{text}" for theme, text in clauses] + rule)


@transaction.atomic
def agreement_start(*, circle: Circle, now: datetime, start: str = Start.CIRCLE) -> AgreementVersion:
    """Give a new circle the agreement it starts from, in its language, as version 1."""
    # The circle's language and not that of whoever presses: these are the words its members sign.
    with translation.override(circle.language):
        lines = [ClauseText(uuid4(), theme, _(text)) for theme, text in STARTS[start]]
    agreement = Agreement.objects.create(circle=circle)
    return version_make(agreement=agreement, number=1, lines=lines, adopt_days=USUAL_DAYS, now=now)


def version_make(
    *, agreement: Agreement, number: int, lines: Sequence[ClauseText], adopt_days: int | None, now: datetime
) -> AgreementVersion:
    """A new text. IntegrityError when there is a version of that number already: somebody else was first."""
    vault = agreement.circle.vault
    # Over the rule too: whoever signs a text signs how it can be changed.
    digest = vault.digest(text_of([(one.theme, one.text) for one in lines], adopt_days))
    version = AgreementVersion.objects.create(
        agreement=agreement, number=number, digest=digest, adopt_days=adopt_days, adopted_at=now
    )
    for position, one in enumerate(lines, start=1):
        clause = Clause(vault=vault, version=version, line=one.line, theme=one.theme, position=position)
        clause.text = one.text
        clause.save(force_insert=True)
    return version


class Replaced(Refused):
    """The version somebody wanted to sign is no longer the one in force, or its text is not what they saw."""


def agreement_sign(*, circle: Circle, user: User, version: UUID, digest: str, now: datetime) -> None:
    """Sign the exact text that was shown. Replaced, and nothing signed, when another one is in force.

    The digest is recomputed from the stored clauses, so a signature can never be of a text that was changed.
    """
    current = current_version(circle)
    if current is None or current.code != version or current.digest != digest:
        raise Replaced(_("The agreement has changed since you opened it. This is the text in force now."))
    clauses = Clause.objects.filter(version=current).order_by("position")
    try:
        real = circle.vault.digest(text_of([(one.theme, one.text) for one in clauses], current.adopt_days))
    # Without its key the text cannot be shown to be this one: nothing is signed unseen.
    except crypto.CannotOpen:
        real = ""
    if real != digest:
        raise Refused(_("The agreement cannot be read at the moment, so it cannot be signed. Try again later."))
    try:
        with transaction.atomic():
            Signature.objects.create(version=current, user=user, digest=digest, signed_at=now)
    # Unique by version and person.
    except IntegrityError:
        return  # signed already: pressing twice is no mistake
