"""Public holidays: whose they are, on which day where they live, and that nobody learns which."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from accounts.rules.holidays import NO_COUNTRY, countries, country_of, days_off
from accounts.rules.zones import zone_names
from accounts.services import availability_add
from tests.factories import NOW, Cast, signed_in

CHRISTMAS = date(2027, 12, 25)


def test_every_zone_has_its_country_or_none_and_old_names_are_known() -> None:
    known = {code for code, _name in countries()}
    assert {country_of(zone) for zone in zone_names()} <= known | {""}
    assert country_of("Europe/Berlin") == "DE"
    assert country_of("Asia/Kolkata") == country_of("Asia/Calcutta") == "IN"
    assert country_of("UTC") == country_of("Mars/Olympus") == ""
    assert len(known) > 150
    assert ("GB", "Britain (UK)") in countries()


def test_the_days_are_those_of_the_country_and_none_where_nothing_is_known() -> None:
    assert date(2027, 10, 3) in days_off("DE", 2027)
    assert date(2027, 10, 3) not in days_off("GB", 2027)
    assert date(2027, 7, 14) in days_off("FR", 2027)
    for country, year in (("", 2027), (NO_COUNTRY, 2027), ("XX", 2027), ("GB", 1), ("GB", 9999)):
        assert CHRISTMAS not in days_off(country, year)


@pytest.mark.parametrize(
    ("zone", "country", "hour", "off"),
    [
        ("Europe/London", "", 12, True),
        ("Europe/London", NO_COUNTRY, 12, False),
        ("Asia/Tokyo", "", 12, False),
        ("Asia/Tokyo", "GB", 12, True),
        ("Europe/London", "", -1, False),
        ("Europe/London", "", 0, True),
        ("Pacific/Auckland", "", -13, True),  # there the day begins thirteen hours earlier
        ("Pacific/Auckland", "", -14, False),
    ],
)
def test_a_day_off_is_that_of_the_place_and_by_its_calendar(zone: str, country: str, hour: int, off: bool) -> None:
    user = User(time_zone=zone, zone_confirmed=True, country=country)
    at = datetime(2027, 12, 25, tzinfo=NOW.tzinfo) + timedelta(hours=hour)
    assert user.has_day_off(at) is off


def test_nobodys_country_is_guessed_before_they_have_said_where_they_are() -> None:
    at = datetime(2027, 12, 25, 12, tzinfo=NOW.tzinfo)
    assert not User(time_zone="Europe/London").has_day_off(at)


@pytest.mark.django_db
def test_whoever_plans_a_series_or_looks_for_a_time_sees_who_has_a_day_off_and_not_why(people: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        alice, bob = signed_in(people.alice), signed_in(people.bob)
        profile = {"name": "Bob Baker", "time_zone": "Europe/London", "country": "FR"}
        assert bob.post(reverse("accounts:profile"), profile).status_code == 302
        people.bob.refresh_from_db()
        assert people.bob.country == "FR"
        assert 'value="FR" selected' in bob.get(reverse("accounts:profile")).content.decode()
        form = {
            "format": "council", "date": "2027-07-14", "time": "16:00", "zone": "Europe/London", "people": "4",
            "minutes": "120", "place": "", "call_link": "", "repeat": "1", "count": "2", "until": "", "also": "", "show": "1",
        }  # fmt: skip
        said = alice.post(reverse("sessions:schedule", args=[people.circle.code]), form).content.decode()
        assert "Bob has a day off" in " ".join(said.split())
        availability_add(user=people.bob, weekdays=[2], start=15 * 60, end=18 * 60, level="good")
        asked = {"from": "2027-07-07", "number": "3", "weeks": "1", "minutes": "60"}
        found = alice.get(reverse("sessions:find_time", args=[people.circle.code]), asked).content.decode()
        assert "14 July: Bob has a day off" in " ".join(found.split())
        for page in (said, found):
            assert "Bastille" not in page
            assert "France" not in page
        # A country that there is not is refused beside its field.
        wrong = bob.post(reverse("accounts:profile"), profile | {"country": "XX"})
        assert "country" in wrong.context["form"].errors
