"""Reads about agreements that more than one page needs."""

from django.db.models import Subquery

from accounts.models import User
from agreements.models import AgreementVersion, Clause, Signature
from circles.models import Circle


def current_version(circle: Circle) -> AgreementVersion | None:
    """The version in force: the one with the highest number."""
    return AgreementVersion.objects.filter(agreement__circle=circle).order_by("-number").first()


def in_force(circle: Circle) -> tuple[AgreementVersion | None, list[Clause]]:
    """The version in force and its clauses in order, in one query."""
    newest = AgreementVersion.objects.filter(agreement__circle=circle).order_by("-number").values("pk")[:1]
    clauses = list(
        Clause.objects.filter(version_id=Subquery(newest)).select_related("version", "vault").order_by("position")
    )
    return (clauses[0].version if clauses else None), clauses


def signatures_of(version: AgreementVersion) -> dict[int, Signature]:
    """Who signed this exact text, by user id."""
    return {row.user_id: row for row in Signature.objects.filter(version=version)}


def agreements_to_sign(user: User) -> list[Circle]:
    """Circles of the person whose text in force they have not signed."""
    newest = list(
        AgreementVersion.objects.filter(
            agreement__circle__memberships__user=user, agreement__circle__memberships__left_at=None
        )
        .order_by("agreement_id", "-number")
        .select_related("agreement__circle")
    )
    in_force = {version.agreement_id: version for version in reversed(newest)}
    signed = set(Signature.objects.filter(user=user).values_list("version_id", flat=True))
    return [version.agreement.circle for version in in_force.values() if version.pk not in signed]
