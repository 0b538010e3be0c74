"""The engine on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sessions.formats.library import HERE


def run(capsys: Any, *args: str) -> Any:
    call_command(*args)
    return capsys.readouterr().out


def test_format_plan_prints_segments_total_and_choices(capsys: Any) -> None:
    said = json.loads(
        run(capsys, "format_plan", "council", "--people", "5", "--presenters", "3", "--minutes", "60", "--json")
    )
    assert (said["total"], said["room"], said["over"], said["presenters"]) == (66 * 60, 3600, 360, [1, 2, 3])
    assert said["segments"][0] == {
        "stage": "opening", "presenter": None, "speaker": None, "coach": None, "start": 0, "seconds": 240,
    }  # fmt: skip
    ends = [row["start"] + row["seconds"] for row in said["segments"]]
    assert [row["start"] for row in said["segments"][1:]] == ends[:-1]
    assert ends[-1] == said["total"]
    assert [choice["kind"] for choice in said["choices"]] == ["shorter", "fewer", "longer"]


def test_format_plan_for_people(capsys: Any) -> None:
    out = run(capsys, "format_plan", "triad", "--people", "3")
    assert out.splitlines()[-1] == "Total 122 min"
    agreed = run(capsys, "format_plan", "two_hour", "--people", "3", "--turns", "1=28", "--fit", "--minutes", "118")
    assert "Total 118" in agreed  # cut in half minutes


def test_format_plan_for_nine_of_a_format_for_four_names_those_that_fit(capsys: Any) -> None:
    said = json.loads(run(capsys, "format_plan", "two_hour", "--people", "9", "--presenters", "3", "--json"))
    assert said["suits"] is False
    assert "balint" in said["fitting"]
    assert "Made for 3 to 4 people, not 9." in run(
        capsys, "format_plan", "two_hour", "--people", "9", "--presenters", "3"
    )


def test_format_plan_reads_a_file(capsys: Any, tmp_path: Path) -> None:
    assert "Total" in run(capsys, "format_plan", str(HERE / "shipped" / "02-forum.yaml"), "--people", "5")
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: 1\npeople: {least: 9, most: 2}\n")
    with pytest.raises(CommandError, match="Line 2: people"):
        run(capsys, "format_plan", str(bad), "--people", "5")


@pytest.mark.parametrize(
    "args",
    [
        ["nothing", "--people", "5"],
        ["council", "--people", "0"],
        ["council", "--people", "5", "--presenters", "6"],
        ["council", "--people", "5", "--presenters", "0"],
        ["council", "--people", "5", "--minutes", "-3"],
        ["council", "--people", "5", "--turns", "9=20"],
        ["council", "--people", "5", "--turns", "1"],
        ["council", "--people", "5", "--turns", "1=inf"],
        ["council", "--people", "5", "--turns", "1=-3"],
    ],
)
def test_format_plan_refuses_in_words(capsys: Any, args: list[str]) -> None:
    with pytest.raises(CommandError):
        run(capsys, "format_plan", *args)


def test_speaking_order_replays_a_trace(capsys: Any) -> None:
    trace = Path(__file__).parent / "speaking_trace_6.json"
    said = json.loads(run(capsys, "speaking_order", str(trace), "--json"))
    present = json.loads(trace.read_text())["present"]
    assert [sorted(order) for order in said["orders"]] == present
    assert said["worst"]["follows"] <= 1.0
    assert "worst |held - due|" in run(capsys, "speaking_order", str(trace))


def test_speaking_order_takes_what_really_happened(capsys: Any, tmp_path: Path) -> None:
    trace = tmp_path / "t.json"
    trace.write_text(json.dumps({"members": 3, "present": [[0, 1, 2], [0, 1, 2]], "held": [[2, 1, 0]]}))
    said = json.loads(run(capsys, "speaking_order", str(trace), "--json"))
    assert said["orders"][0] == [2, 1, 0]
    assert said["orders"][1][0] != 2


@pytest.mark.parametrize(
    "trace",
    [
        "", "[]", "{}", '{"members": 3}', '{"members": 0, "present": []}', '{"members": 13, "present": []}',
        '{"members": true, "present": []}', '{"members": 3, "present": [[0, 0]]}', '{"members": 3, "present": [[3]]}',
        '{"members": 3, "present": [0]}', '{"members": 3, "present": [[0, 1]], "held": [[0, 2]]}',
        '{"members": 3, "present": [[0, 1]], "held": 5}',
    ],
)  # fmt: skip
def test_speaking_order_refuses_in_words(capsys: Any, tmp_path: Path, trace: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(trace)
    with pytest.raises(CommandError):
        run(capsys, "speaking_order", str(path))
