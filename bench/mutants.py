"""Which small faults no test notices: `python -m bench.mutants [WORD…]`, or `make mutants`.

The tests run once, on SQLite, and note which lines each of them comes by. Then one fault after another
(`bench.mutations`) is put into a copy of this process (a fork), and the tests that come by it run there, the quickest
first, until one fails. What no test notices is printed. A word keeps the files whose path has it.

MOST faults of each kind of file are tried per file, chosen by SEED; of services every refusal is tried, whatever MOST
says. TESTS names other tests than the usual ones, KINDS other faults than all.
"""

import ast
import functools
import gc
import hashlib
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import connections

from bench.mutations import Mutant, Source
from bench.report import RELIABILITY, write

ROOT = Path(__file__).resolve().parents[1]
GROUPS = {
    "rules": ["*/rules/*.py"],
    "outbox": ["notifications/claims.py", "notifications/gate.py", "notifications/outbox.py"],
    "access": ["*/access.py", "*/*/access.py"],
    "services": ["*/*services.py", "*/*/*services.py"],
}
# What takes long and asks of everything at once: a fault that only these would notice counts as not noticed.
LONG = (
    "browser/", "services/", "config/test_access.py", "config/test_states.py", "config/test_patterns.py",
    "config/test_server.py", "config/test_beat.py", "config/test_backup.py", "config/test_migrations.py",
    "races/", "pages/test_fuzz.py", "pages/test_stateful.py", "pages/test_queries.py",
    "pages/test_greatest_inputs.py", "pages/test_leftovers.py", "pages/test_disk.py", "pages/test_bad_input.py",
    "pages/test_reading_changes_nothing.py", "pages/test_canaries.py", "programmes/test_attribution.py",
    "sessions/test_migrations.py",
)  # fmt: skip
SEED = os.environ.get("SEED", "1")
MOST = int(os.environ.get("MOST", "20"))
KINDS = set(os.environ.get("KINDS", "").split())
TESTS = os.environ.get("TESTS", "").split()
REMEMBER = os.environ.get("REMEMBER", "")
MARKS = "not browser and not services and not long"
MINUTES = float(os.environ.get("MINUTES", "600"))
# The longest that one test may take with a fault in it, and all of them together, in seconds of the processor: on a
# busy machine what only waited would count as not noticed.
HUNG, ENOUGH = 60.0, 120.0
NOTICED, NOT_PUT_IN = 1, 3


def files(words: Iterable[str]) -> dict[str, list[Path]]:
    """The files of each group whose path has one of the words, or all."""
    found = {name: sorted({path for one in globs for path in ROOT.glob(one)}) for name, globs in GROUPS.items()}
    wanted = list(words)
    return {
        name: [path for path in paths if not wanted or any(word in str(path.relative_to(ROOT)) for word in wanted)]
        for name, paths in found.items()
    }


def chosen(group: str, source: Source) -> list[Mutant]:
    """What is tried of a file: a fair sample, the same for the same seed, and every refusal of a service."""
    mutants = [one for one in source.mutants if not KINDS or one.kind in KINDS]
    always = [one for one in mutants if group == "services" and one.kind == "refusal"]
    rest = [one for one in mutants if one not in always]
    picked = random.Random(f"{SEED} {source.name}").sample(rest, min(MOST, len(rest)))
    return always + [one for one in rest if one in picked]


def in_turn(one: tuple[str, Source, Mutant]) -> tuple[bool, bool, float]:
    """Refusals first, then what is few; the rest in any order, so that a run that is out of time is a sample too."""
    group, _source, mutant = one
    return mutant.kind != "refusal", group in ("rules", "services"), random.Random(f"{SEED} {mutant}").random()


class Lines:
    """Which lines of which files ran since the last time one asked."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = {str(path): str(path.relative_to(ROOT)) for path in paths}
        self.seen: set[tuple[str, int]] = set()

    def __enter__(self) -> "Lines":
        threading.settrace(self._call)
        sys.settrace(self._call)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]  # None ends it, which its stub does not say

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename not in self.paths:
            return None
        self.seen.add((self.paths[frame.f_code.co_filename], frame.f_lineno))
        return self._line

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.seen.add((self.paths[frame.f_code.co_filename], frame.f_lineno))
        return self._line


class Plugin:
    """Takes the place of pytest's loop: the tests once with their lines, then a fault after the other."""

    def __init__(self, groups: dict[str, list[Path]]) -> None:
        self.groups = groups
        self.paths = [path for paths in groups.values() for path in paths]
        self.by_line: dict[tuple[str, int], list[Any]] = defaultdict(list)
        self.took: dict[str, float] = {}
        self.results: list[tuple[str, Mutant, str]] = []

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        from hypothesis import Phase, settings

        # That there is a counterexample is enough: nobody reads the smallest.
        settings.register_profile("mutants", settings.get_profile("house"), phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        known, began, ran = remembered(self.paths), time.monotonic(), 0
        first = next(item for item in session.items if item.get_closest_marker("django_db"))  # it makes the tables
        run = [item for item in session.items if item is first or key_of(item) not in known]
        for at, item in enumerate(run):
            known[key_of(item)] = self._lines_of(item, run[(at + 1) % len(run)])
            ran += 1
        for item in session.items:
            self.took[item.nodeid], lines = known[key_of(item)]
            for place in lines:
                self.by_line[place].append(item)
        remember(self.paths, known)
        say(f"{ran} of {len(session.items)} tests ran in {time.monotonic() - began:.0f} s")
        self._mutants()
        return True

    def _lines_of(self, item: pytest.Item, following: pytest.Item) -> tuple[float, set[tuple[str, int]]]:
        with Lines(self.paths) as lines:
            start = time.monotonic()
            reports = runtestprotocol(item, log=False, nextitem=following)
            took = time.monotonic() - start
        if any(report.failed for report in reports):
            say(f"fails without any fault: {item.nodeid}")
            return took, set()
        return took, lines.seen

    def _mutants(self) -> None:
        connections.close_all()
        functions = live_functions({str(path) for path in self.paths})
        gc.freeze()
        until = time.monotonic() + MINUTES * 60
        waiting = [
            (group, source, mutant)
            for group, paths in self.groups.items()
            for source in (Source(path, str(path.relative_to(ROOT))) for path in paths)
            for mutant in chosen(group, source)
        ]
        for group, source, mutant in sorted(waiting, key=in_turn):
            if time.monotonic() > until:
                say("out of time")
                return
            items = self._items_of(mutant)
            what = self._tried(source, mutant, items, functions)
            self.results.append((group, mutant, what))
            if what != "noticed":
                say(f"{what} ({len(items)} tests): {mutant}")

    def _tried(self, source: Source, mutant: Mutant, items: list[Any], functions: list[FunctionType]) -> str:
        return tried(lambda: with_fault(source, mutant, functions, items)) if items else "never run"

    def _items_of(self, mutant: Mutant) -> list[Any]:
        """Who comes by it, the quickest first; a constant is used wherever its file is."""
        if mutant.line:
            lines: Iterator[tuple[str, int]] = ((mutant.path, at) for at in range(mutant.line, mutant.end + 1))
        else:
            lines = (place for place in list(self.by_line) if place[0] == mutant.path)
        found = {item.nodeid: item for place in lines for item in self.by_line.get(place, ())}
        return sorted(found.values(), key=lambda item: (self.took[item.nodeid], item.nodeid))


def key_of(item: pytest.Item) -> str:
    return f"{item.nodeid} {hash_of(item.path)}"


@functools.cache
def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def remembered(paths: list[Path]) -> dict[str, tuple[float, set[tuple[str, int]]]]:
    """Which lines tests come by, from an earlier run over the same files (REMEMBER names the file for it)."""
    if not REMEMBER or not Path(REMEMBER).exists():
        return {}
    hashes, known = pickle.loads(Path(REMEMBER).read_bytes())
    return known if all(hashes.get(path) == hash_of(path) for path in paths) else {}


def remember(paths: list[Path], known: dict[str, tuple[float, set[tuple[str, int]]]]) -> None:
    if REMEMBER:
        Path(REMEMBER).write_bytes(pickle.dumps(({path: hash_of(path) for path in paths}, known)))


def say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)


def live_functions(paths: set[str]) -> list[FunctionType]:
    """All functions of these files that are in memory, however they are wrapped."""
    gc.unfreeze()  # what tests/conftest.py froze is not told of
    # `type` and not `isinstance`, which asks lazy objects of Django what they stand for.
    return [one for one in gc.get_objects() if type(one) is FunctionType and one.__code__.co_filename in paths]


def put_in(source: Source, mutant: Mutant, functions: list[FunctionType]) -> None:
    """Make the fault in this process: in every function that is in memory, or in every module that has the constant."""
    mutant.edit()
    code = compile(ast.fix_missing_locations(source.tree), str(source.path), "exec")
    if not mutant.line:
        module = sys.modules[source.name.removesuffix(".py").replace("/", ".")]
        before, spaces = getattr(module, mutant.owner), dict(vars(module))
        exec(code, spaces)
        for one in list(sys.modules.values()):
            if getattr(one, mutant.owner, None) is before:
                setattr(one, mutant.owner, spaces[mutant.owner])
        return
    new = {(one.co_qualname, one.co_firstlineno): one for one in codes_in(code)}
    changed = 0
    for function in functions:
        old = function.__code__
        if old.co_filename == str(source.path) and (fresh := new.get((old.co_qualname, old.co_firstlineno))):
            function.__code__ = fresh
            changed += 1
    if not changed:
        raise RuntimeError(f"nothing to put it into: {mutant}")


def codes_in(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from codes_in(one)


def forget() -> None:
    """What functions remember was computed without the fault."""
    for one in gc.get_objects():
        if type(one) is functools._lru_cache_wrapper and str(ROOT) in getattr(
            getattr(one.__wrapped__, "__code__", None), "co_filename", ""
        ):
            one.cache_clear()


def tried(act: Callable[[], int]) -> str:
    """What came of a fault in a process of its own."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = NOTICED
        try:
            code = act()
        except RuntimeError:
            code = NOT_PUT_IN
        finally:
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "noticed"  # the test hung, or the process died of it
    if os.WEXITSTATUS(status) == NOT_PUT_IN:
        return "not put in"
    return "noticed" if os.WEXITSTATUS(status) else "lives"


def with_fault(source: Source, mutant: Mutant, functions: list[FunctionType], items: list[Any]) -> int:
    """In the copy: the fault, a database of its own, and the tests until one fails."""
    database = Path(connections["default"].settings_dict["NAME"])
    own = database.with_name(f"mutant-{database.name}")
    shutil.copyfile(database, own)
    connections["default"].settings_dict["NAME"] = str(own)
    put_in(source, mutant, functions)
    forget()
    items[0].session._setupstate.teardown_exact(items[0])
    until = time.process_time() + ENOUGH
    for at, item in enumerate(items):
        signal.setitimer(signal.ITIMER_PROF, HUNG)
        signal.setitimer(signal.ITIMER_REAL, 5 * HUNG)
        reports = runtestprotocol(item, log=False, nextitem=items[at + 1] if at + 1 < len(items) else item)
        if any(report.failed for report in reports):
            return NOTICED
        if time.process_time() > until:
            break
    return 0


def report(results: list[tuple[str, Mutant, str]]) -> None:
    """The figures of each group, and what lives."""
    rows = []
    for group in GROUPS:
        all_of = [what for name, _mutant, what in results if name == group]
        if all_of:
            noticed = all_of.count("noticed")
            rows.append((f"{group}: faults put in; noticed", f"{len(all_of)}; {noticed} ({noticed / len(all_of):.0%})"))
    refusals = [what for name, one, what in results if name == "services" and one.kind == "refusal"]
    rows.append(("of these, every refusal of a service; noticed", f"{len(refusals)}; {refusals.count('noticed')}"))
    for _group, mutant, what in results:
        if what != "noticed":
            say(f"{what}: {mutant}")
    if len(sys.argv) > 1 or TESTS or KINDS:
        say(str(rows))
        return
    write(
        "Faults that tests notice",
        f"MOST={MOST} SEED={SEED} python -m bench.mutants {' '.join(sys.argv[1:])}".strip(),
        rows,
        RELIABILITY,
    )


def main() -> None:
    os.nice(10)
    plugin = Plugin(files(sys.argv[1:]))
    tests = TESTS or ["tests"]
    ignored = [f"--deselect=tests/{one}" if "::" in one else f"--ignore=tests/{one.rstrip('/')}" for one in LONG]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATA_DIR", folder)
        code = pytest.main(
            ["-q", "-n", "0", "-s", "--tb=line", "-m", MARKS, *([] if TESTS else ignored), *tests], [plugin]
        )
    if plugin.results:
        report(plugin.results)
    sys.exit(int(code))


if __name__ == "__main__":
    main()
