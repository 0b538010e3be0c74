"""“Taken back” is said of what was, and of nothing that had been answered, or decided, meanwhile."""

from typing import Any

import pytest
from django.urls import reverse

from programmes.again_services import again_ask, circle_wanted_again
from programmes.asking_services import admin_answer, admin_ask
from programmes.enrolment_services import people_invite
from programmes.enums import EnrolmentStatus
from programmes.invitation_services import invitations_withdraw
from programmes.late_services import late_answer
from programmes.models import AdminInvitation, Enrolment, LatePlace, ProgrammeAdmin, ProgrammeInvitation
from tests.factories import NOW, make_user, signed_in
from tests.programmes.test_late import LATER, After

pytestmark = pytest.mark.django_db


def test_a_question_to_a_circle_that_was_answered_is_not_taken_back(clock: Any) -> None:
    after = After(1)
    asked = after.ask(0, "Alder")
    late_answer(asked=asked, yes=True, by=after.people[0].user, now=LATER)
    path = reverse("programmes:late_take_back", args=[after.programme.code, asked.code])
    told = signed_in(after.dana).post(path, follow=True).content.decode()
    assert ("The circle has answered meanwhile." in told, "is taken back" in told) == (True, False)
    assert LatePlace.objects.get().yes


def test_a_question_to_administer_that_was_answered_is_not_taken_back(clock: Any) -> None:
    after, uma = After(0), make_user("Uma Other")
    admin_ask(programme=after.programme, email=uma.email, by=after.dana, now=NOW)
    invitation = AdminInvitation.objects.get()
    admin_answer(invitation=invitation, user=uma, yes=True, now=NOW)
    path = reverse("programmes:admin_ask_withdraw", args=[after.programme.code, invitation.code])
    told = signed_in(after.dana).post(path, follow=True).content.decode()
    assert ("They have answered meanwhile." in told, "is taken back" in told) == (True, False)
    assert ProgrammeAdmin.objects.filter(user=uma).exists()


def test_whoever_was_placed_meanwhile_is_not_told_that_their_circle_goes_on(clock: Any) -> None:
    after = After(0)
    again_ask(programme=after.programme, now=NOW)
    row = after.people[2]
    circle_wanted_again(enrolment=row, now=NOW)
    Enrolment.objects.filter(pk=row.pk).update(status=EnrolmentStatus.PLACED)
    path = reverse("programmes:again", args=[after.programme.code])
    told = signed_in(row.user).post(path, {"no": "1"}, follow=True).content.decode()
    assert ("circles were made meanwhile" in told, "Taken back." in told) == (True, False)


def test_an_invitation_that_was_answered_is_not_withdrawn(clock: Any) -> None:
    after, uma = After(0), make_user("Uma Other")
    people_invite(programme=after.programme, people={uma.email: {}}, by=after.dana, now=NOW)
    invitation = ProgrammeInvitation.objects.get(email=uma.email)
    ProgrammeInvitation.objects.filter(pk=invitation.pk).update(used_at=NOW)
    path = reverse("programmes:invitation_withdraw", args=[after.programme.code, invitation.code])
    told = signed_in(after.dana).post(path, follow=True).content.decode()
    assert ("answered or withdrawn meanwhile" in told, "no longer works" in told) == (True, False)
    assert invitations_withdraw(programme=after.programme, invitations=[invitation.code], now=NOW) == 0
