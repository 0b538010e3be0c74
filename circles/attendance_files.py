"""Reading a trace of attendance from a file, for the commands that replay a rule over it."""

import json
from pathlib import Path
from typing import Any

MOST_MEMBERS = 12
MOST_SESSIONS = 5000


class AttendanceFileError(ValueError):
    """What is wrong with a trace, in a sentence."""


def read_attendance_file(path: Path) -> tuple[dict[str, Any], int, list[list[int]]]:
    """All that it holds, how many members there are, and who came to each session. AttendanceFileError says why not."""
    try:
        trace = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise AttendanceFileError(f"{path} cannot be read as JSON") from error
    if not isinstance(trace, dict) or not isinstance(trace.get("present"), list):
        raise AttendanceFileError("the trace must hold “members” and “present”")
    members = trace.get("members")
    count = len(members) if isinstance(members, list) else members
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_MEMBERS:
        raise AttendanceFileError(f"“members” must be a number from 1 to {MOST_MEMBERS}")
    if len(trace["present"]) > MOST_SESSIONS:
        raise AttendanceFileError(f"a trace can have at most {MOST_SESSIONS} sessions")
    present = [numbers_of(row, count, f"present[{at}]") for at, row in enumerate(trace["present"])]
    return trace, count, present


def numbers_of(row: Any, count: int, place: str) -> list[int]:
    """A list of different members; `place` says where it stands."""
    is_list = isinstance(row, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in row)
    if not is_list or len(set(row)) != len(row) or not all(0 <= one < count for one in row):
        raise AttendanceFileError(f"{place} must list different members from 0 to {count - 1}")
    return list(row)
