"""What is refused about accounts, each in its words."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.doors_services import PUT_BACK_FOR, address_change_note, address_put_back, first_administrator_make
from accounts.models import Absence, SetupToken, User
from accounts.refusals import Refused
from accounts.services import absence_add
from tests.factories import NOW, Cast, make_user

pytestmark = pytest.mark.django_db


def test_the_setup_link_makes_one_superuser(db: None) -> None:
    def make(token: SetupToken, name: str) -> User:
        return first_administrator_make(
            token=token, email=f"{name}@example.org", name=name, time_zone="UTC", password="three long words", now=NOW
        )

    tokens = [
        SetupToken.objects.create(token_hash=SetupToken.hash_of(secret), expires_at=NOW + timedelta(days=7))
        for secret in ("one", "two")
    ]
    made = make(tokens[0], "sue")
    for token in tokens:
        with pytest.raises(Refused, match="link has been used"):
            make(token, "eve")
    assert [one.pk for one in User.objects.all()] == [made.pk]


def test_forty_times_of_leave_fit(people: Cast) -> None:
    for at in range(40):
        day = date(2027, 1, 1) + timedelta(days=3 * at)
        absence_add(user=people.bob, first_on=day, last_on=day)
    with pytest.raises(Refused, match="more leave than fits"):
        absence_add(user=people.bob, first_on=date(2028, 1, 1), last_on=date(2028, 1, 2))
    absence_add(user=people.bob, first_on=date(2027, 1, 2), last_on=date(2027, 1, 3))  # joins the first two
    assert Absence.objects.filter(user=people.bob).count() == 39


def test_an_address_is_put_back_while_its_time_lasts_and_it_is_nobody_elses(people: Cast) -> None:
    change = address_change_note(user=people.bob, was="before@example.org", now=NOW)
    with pytest.raises(Refused, match="no longer works"):
        address_put_back(change=change, now=NOW + PUT_BACK_FOR)
    other = make_user("Other One", email="Before@example.org")
    with pytest.raises(Refused, match="Another account stands under this address"):
        address_put_back(change=change, now=NOW)
    User.objects.filter(pk=other.pk).update(email="elsewhere@example.org")
    EmailAddress.objects.filter(user=other).delete()
    User.objects.filter(pk=people.bob.pk).update(is_active=False)
    with pytest.raises(Refused, match="no longer works"):
        address_put_back(change=change, now=NOW)
    User.objects.filter(pk=people.bob.pk).update(is_active=True)
    assert address_put_back(change=change, now=NOW + PUT_BACK_FOR - timedelta(microseconds=1)).pk == people.bob.pk
