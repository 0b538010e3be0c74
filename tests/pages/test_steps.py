"""The facilitator's next step: exactly one, whatever the facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.rules.steps import Facts, Step, done, next_step, waits

READY = Facts(
    members=4, min_size=3, signed=4, has_next=True, next_running=False, roles_held=3, roles=3,
    held=0, checked_out=0, came_last=0, wrap_up_open=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (replace(READY, members=2), Step.INVITE),
        (replace(READY, members=2, invited=1), Step.WAIT),
        (replace(READY, members=2, invited=1, has_next=False), Step.SCHEDULE),
        (replace(READY, signed=3, i_signed=False), Step.AGREE),
        (replace(READY, signed=3), Step.WAIT),
        (replace(READY, signed=3, i_signed=False, near=True), Step.MEET),
        (replace(READY, dated=1, promised=6), Step.SCHEDULE),
        (replace(READY, dated=6, promised=6), Step.MEET),
        (replace(READY, has_next=False), Step.SCHEDULE),
        (replace(READY, roles_held=2), Step.ROLES),
        (READY, Step.MEET),
        (replace(READY, next_running=True, signed=0), Step.MEET),
        (replace(READY, held=1, came_last=4, checked_out=3, wrap_up_open=True), Step.WRAP_UP),
        (replace(READY, held=1, came_last=4, checked_out=4, wrap_up_open=True), Step.MEET),
        (replace(READY, held=1, came_last=4, checked_out=0, wrap_up_open=False, has_next=False), Step.SCHEDULE),
    ],
)
def test_the_next_step(facts: Facts, step: Step) -> None:
    assert next_step(facts) == step


@given(st.builds(Facts))
def test_a_step_that_is_behind_is_never_next_but_meeting(facts: Facts) -> None:
    step = next_step(facts)
    if step == Step.WAIT:
        assert waits(facts)
    elif step != Step.MEET:
        assert not done(facts)[step]
        assert step not in waits(facts)
