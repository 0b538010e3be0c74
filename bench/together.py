"""Two processes with Redis against one; a hundred times eight who press "next" at the same moment, on both databases.

`python -m bench.together`. Needs PostgreSQL and Redis (TEST_POSTGRES_URL, TEST_REDIS_URL).
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.faults import first_frame
from bench.live import Host, measure_site, p50
from bench.report import write
from bench.streams import running_site, sessions_of
from tests.browser.live_server import REDIS, Sink, Site, free_port, production_site

PRESSES, ROUNDS, AT_ONCE = 200, 100, 8
# So many people that a hundred stages lie before them.
PEOPLE = 60


@contextlib.contextmanager
def on_postgres() -> Iterator[Site]:
    sink = Sink()
    sink.start()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with production_site(Path(folder), sink, REDIS) as site:
                site.start()
                yield site
        finally:
            sink.stop()


def second_process(site: Site) -> int:
    """Another web process on the same database and Redis; its port."""
    first, port = site.environment["PORT"], free_port()
    site.environment["PORT"] = str(port)
    site.manage("serve")
    site.environment["PORT"] = first
    address, site.address = site.address, f"http://localhost:{port}"
    site.wait_until_up()
    site.address = address
    return port


async def two_processes(site: Site) -> list[tuple[str, str]]:
    one, two = sessions_of(site, 2, 6)
    alone = await measure_site(one, site.port, PRESSES)
    port = second_process(site)
    elsewhere = [line | {"stream": line["stream"].replace(f":{site.port}/", f":{port}/")} for line in two]
    apart = await measure_site(elsewhere, site.port, PRESSES)
    return [
        ("press to last of 6, all on one process (PostgreSQL, Redis), p50", f"{p50(alone):.1f} ms"),
        ("pressed on one process, seen on the other, p50", f"{p50(apart):.1f} ms"),
        ("ratio (goal 1.3)", f"{p50(apart) / p50(alone):.2f}"),
    ]


class Crowd(Host):
    """The same host on one of eight connections."""

    async def next(self, seq: int) -> int:
        path = urlsplit(self.line["pause"]).path.replace("/pause/", "/next/")
        return await self.press(path, urlencode({"expected_seq": seq}).encode(), self.headers)


async def all_at_once(site: Site) -> tuple[int, Counter[int]]:
    """How many rounds moved anything but exactly one step, and how the presses were answered."""
    line = sessions_of(site, 1, PEOPLE)[0][0]
    crowd = [Crowd(line, site.port) for _one in range(AT_ONCE)]
    for one in crowd:
        await one.connect()
    wrong, answers = 0, Counter[int]()
    for seq in range(1, ROUNDS + 1):
        told = await asyncio.gather(*(one.next(seq) for one in crowd))
        answers.update(told)
        state = await first_frame(line)
        wrong += sorted(told) != [204] + [409] * (AT_ONCE - 1) or state["seq"] != seq + 1 or state["index"] != seq
    return wrong, answers


def said(name: str, found: tuple[int, Counter[int]]) -> tuple[str, str]:
    wrong, answers = found
    counts = ", ".join(f"{number} × {status}" for status, number in sorted(answers.items()))
    return (
        f"{ROUNDS} rounds of {AT_ONCE} simultaneous “next”, {name}: rounds that did not move exactly one step (goal 0)",
        f"{wrong} ({counts})",
    )


def main() -> None:
    with running_site() as site:
        rows = [said("SQLite", asyncio.run(all_at_once(site)))]
    with on_postgres() as site:
        rows.append(said("PostgreSQL", asyncio.run(all_at_once(site))))
        rows = asyncio.run(two_processes(site)) + rows
    write("Several at once", "python -m bench.together", rows)


if __name__ == "__main__":
    main()
