"""What no construction here gives, found by search once and kept: starters, arrays, whole schedules.

Each was found by a random search of our own for this project; `tests/forming/test_meeting.py` counts all of them anew.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

SIGNS = digits + ascii_lowercase + ascii_uppercase


@dataclass(frozen=True)
class Starter:
    """Rounds from which all others come by turning: groups of `size`, `rows` rows of `order` people that go round, and
    whoever is beyond them stands still. Each base round is a text with one sign a person, group after group."""

    size: int
    order: int
    rows: int
    base: tuple[str, ...]


def read_points(text: str) -> list[int]:
    """Signs as numbers."""
    return [SIGNS.index(sign) for sign in text]


# By number of groups and size.
STARTERS = {
    (5, 3): Starter(3, 7, 2, ("0391ce24756d8ab",)),
    (6, 3): Starter(3, 4, 4, ("07a1dg29h34e56b8cf", "01926f35d48g7ehabc")),
    (6, 4): Starter(4, 7, 3, ("015k289d3chm47en6bflagij",)),
    (6, 5): Starter(5, 3, 10, ("09mns16eij238gt47abq5cdhlfkopr", "0fgjl1249d35nqr6bkst78ehpacimo")),
    (7, 3): Starter(3, 5, 4, ("0571gj2bc34f6ei8ad9hk", "0ck14726a3eh5bg89idfj")),
    (7, 4): Starter(4, 9, 3, ("07ko16dg25ln34ch8amr9biqefjp",)),
    (8, 3): Starter(3, 11, 2, ("03d15a2eh4in6bc78g9kmfjl",)),
    (9, 4): Starter(4, 11, 3, ("0kuy15di27nr346w8bvz9jmxaefhcgotlpqs",)),
    (10, 3): Starter(3, 14, 2, ("0dh1ns2em39j48f57a6ptbkocqrgil",)),
    (10, 4): Starter(4, 13, 3, ("0dqD1cgn2btA3ahm49ep58rC67uzfovyilwxjksB",)),
    (10, 5): Starter(5, 9, 5, ("0fmCJ1hrvy2ixFM347ow5gkBK6abeD89qINcnuHLdjpstlzAEG",)),
}

# Rows of shifts modulo the number of groups: no two rounds shift two rows apart by the same amount.
ARRAYS = {
    10: (
        ("0000000", "0514978", "0943725", "0328697", "0785416", "0697843", "0861359"),
        ("00000000", "06215384", "04367218", "07158932", "02496853"),
    ),
}

# Everybody with everybody, by people and size: one text a round, one sign a person, which says their group.
COVERINGS = {
    (20, 4): (
        "01230410210323431424",
        "01201134123443224003",
        "01203202434132144310",
        "01023432244411230031",
        "00122111324024033443",
        "01232341004240413132",
        "01112034341302202344",
    ),
    (26, 5): (
        "01231401534130520253521424",
        "00122131332444201555435045",
        "01234513051503432524243210",
        "01213043035421245215450301",
        "01232340200142151053344455",
        "01123455213034432205105204",
        "01220324155235413051053442",
        "01002223454411555120335403",
        "01213104432545013045212533",
    ),
    (30, 6): (
        "012103232042131412030444132403",
        "012320314441322000431023412134",
        "012331421444240143230210320310",
        "000012311402433314344241212320",
        "012313140143004224322133240041",
        "012342003214432414113302001234",
        "012344430340410321104021133222",
    ),
}
