"""The only writes to agreements and signatures."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused
from agreements.models import Agreement, AgreementVersion, Clause, Signature
from agreements.selectors import current_version
from agreements.starting import STARTING_CLAUSES
from circles import crypto
from circles.models import Circle


def text_of(clauses: list[tuple[str, str]]) -> str:
    """The exact text that a digest is of: theme and words of every clause, in order."""
    return "\n".join(f"{theme}\t{text}" for theme, text in clauses)


@transaction.atomic
def agreement_start(*, circle: Circle, now: datetime) -> AgreementVersion:
    """Give a new circle its starting agreement, in its language, as version 1."""
    with translation.override(circle.language):
        clauses = [(theme, _(text)) for theme, text in STARTING_CLAUSES]
    agreement = Agreement.objects.create(circle=circle)
    version = AgreementVersion.objects.create(
        agreement=agreement, number=1, digest=circle.vault.digest(text_of(clauses)), adopted_at=now
    )
    for position, (theme, text) in enumerate(clauses, start=1):
        Clause.objects.create(
            vault=circle.vault, code=uuid4(), version=version, theme=theme, position=position, text=text
        )
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
        real = circle.vault.digest(text_of([(clause.theme, clause.text) for clause in clauses]))
    except crypto.CannotOpen:
        real = ""
    if real != digest:
        raise Refused(_("The agreement cannot be read at the moment, so it cannot be signed. Try again later."))
    try:
        with transaction.atomic():
            Signature.objects.create(version=current, user=user, digest=digest, signed_at=now)
    except IntegrityError:
        return  # signed already: pressing twice is no mistake
