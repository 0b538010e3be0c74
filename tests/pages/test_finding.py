"""Finding: commitments by their words, as far as one may read them; held sessions by their day."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import Audience, CommitmentStatus
from agreements.models import Commitment
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.planning.selectors import PAST_AT_MOST
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db


def promise(people: Cast, owner: User, text: str, audience: Audience = Audience.CIRCLE) -> Commitment:
    details = CommitmentDetails(text=text, due_on=(NOW + timedelta(days=9)).date(), audience=audience)
    return commitment_make(circle=people.circle, owner=owner, details=details, now=NOW)


def found(user: User, words: str, **fields: Any) -> str:
    path = reverse("pages:commitments_find")
    return signed_in(user).post(path, {"words": words, **fields}).content.decode()


def test_ones_own_are_found_open_and_closed_by_all_of_their_words(people: Cast, clock: Any) -> None:
    kept = promise(people, people.bob, "Ring Maria about the rota", Audience.ME)
    promise(people, people.bob, "Write to Maria")
    commitment_settle(commitment=kept, status=CommitmentStatus.KEPT, now=NOW)
    page = found(people.bob, "MARIA  rota")
    assert "Ring Maria about the rota" in page
    assert "Write to Maria" not in page
    assert "None that you may read has these words." in found(people.bob, "Maria gardening")
    assert "Type a word of it." in found(people.bob, " ")


def test_nobody_finds_what_they_may_not_read(people: Cast, clock: Any) -> None:
    promise(people, people.bob, "Quiet walk alone", Audience.ME)
    promise(people, people.bob, "Quiet hour for all to read")
    code = str(people.circle.code)
    page = found(people.carol, "quiet", circle=code)
    assert "Quiet hour for all to read" in page
    assert "Quiet walk alone" not in page
    assert "Quiet hour" not in found(people.carol, "quiet"), "in all circles one's own are looked through"
    outside = signed_in(people.erin).post(reverse("pages:commitments_find"), {"words": "quiet", "circle": code})
    assert outside.status_code == 404


def test_the_words_stand_in_no_address(people: Cast, clock: Any) -> None:
    for page in (reverse("agreements:commitments"), reverse("pages:circle_commitments", args=[people.circle.code])):
        shown = signed_in(people.bob).get(page).content.decode()
        form = shown.split(f'action="{reverse("pages:commitments_find")}"')[0].rsplit("<form", 1)[1]
        assert 'method="post"' in form
    assert signed_in(people.bob).get(reverse("pages:commitments_find")).url == reverse("agreements:commitments")


def test_held_sessions_are_found_by_their_day(people: Cast, clock: Any) -> None:
    made = make_session(people.circle, people.alice)
    days = range(PAST_AT_MOST + 3)
    rows = [
        made,
        *(
            CircleSession(**{f.name: getattr(made, f.name) for f in made._meta.fields if f.name not in ("id", "code")})
            for _ in days
        ),
    ]
    for back, row in enumerate(rows):
        row.starts_at = NOW - timedelta(days=back + 1)
        row.local_date, row.status = row.starts_at.date(), SessionStatus.ENDED
        row.save()
    path = reverse("pages:circle_sessions", args=[people.circle.code])
    bob = signed_in(people.bob)
    last = rows[-1]
    assert f"/sessions/{last.code}/" not in bob.get(path).content.decode()
    assert f"/sessions/{last.code}/" in bob.get(path, {"until": last.local_date.isoformat()}).content.decode()
    assert f"/sessions/{rows[0].code}/" in bob.get(path, {"until": "never"}).content.decode()
