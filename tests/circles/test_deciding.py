"""What a circle decides after the promised sessions."""

from circles.rules.deciding import standing


def test_more_than_half_decide_and_a_tie_does_not() -> None:
    assert standing({1: "close", 2: "close", 3: "carry_on"}, [1, 2, 3]).wanted == "close"
    assert standing({1: "close", 2: "carry_on"}, [1, 2]).wanted == ""
    assert standing({1: "close", 2: "close"}, [1, 2, 3, 4]).wanted == ""


def test_silence_is_named_and_people_who_left_do_not_count() -> None:
    stands = standing({1: "close", 9: "carry_on", 8: "carry_on"}, [1, 2])
    assert (stands.counts, stands.silent, stands.wanted) == ({"close": 1}, (2,), "")
