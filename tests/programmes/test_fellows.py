"""A circle of facilitators is offered where at least four look after circles, to them and to administrators."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from programmes.participation_selectors import fellows_of
from tests.factories import make_circle, make_user, signed_in
from tests.programmes.test_figures import in_programme

OFFER = "A circle of facilitators"


@pytest.mark.parametrize(("number", "offered"), [(3, False), (4, True)])
def test_it_is_offered_from_four_on(db: None, clock: Any, number: int, offered: bool) -> None:
    people = [make_user(f"F{at} G", email=f"f{at}@example.org") for at in range(number)]
    member = make_user("Mem Ber")
    circles = [make_circle(one, [member], name=f"Circle {at}") for at, one in enumerate(people)]
    programme, dana = in_programme(*circles)
    assert fellows_of(programme) == (number if offered else 0)
    more = reverse("pages:circle_more", args=[circles[0].code])
    assert (OFFER in signed_in(people[0]).get(more).content.decode()) == offered
    assert OFFER not in signed_in(member).get(more).content.decode()
    page = signed_in(dana).get(reverse("programmes:facilitators", args=[programme.code])).content.decode()
    assert ("enough facilitators for a circle of their own" in page) == offered
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    assert fellows_of(programme) == 0, "who can no longer sign in comes to no circle"
