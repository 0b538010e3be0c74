"""From a bare clone to the first page, and what the embedded process needs. `python -m bench.footprint`"""

import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.live import resident
from bench.report import write
from tests.browser.live_server import ROOT, free_port


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        port = free_port()
        environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
        began = time.perf_counter()
        server = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment | {"PORT": str(port)}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            first = wait_for(f"http://localhost:{port}/", began)
            pid = int(
                subprocess.run(
                    ["pgrep", "-g", str(server.pid), "-f", "manage.py run"], capture_output=True, text=True
                ).stdout.split()[-1]
            )
            time.sleep(5)
            idle = resident(pid)
            pages = []
            for _page in range(300):
                at = time.perf_counter()
                urllib.request.urlopen(f"http://localhost:{port}/sign/login/").read()
                pages.append(time.perf_counter() - at)
            busy = resident(pid)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()
    write(
        "Footprint, embedded on SQLite",
        "python -m bench.footprint",
        [
            ("bare clone to first page, packages from the index", f"{first:.0f} s"),
            ("memory five seconds after the first page (RSS)", f"{idle} MB"),
            ("memory after 300 pages", f"{busy} MB"),
            ("sign-in page, p50", f"{sorted(pages)[150] * 1000:.1f} ms"),
        ],
    )


def wait_for(url: str, began: float) -> float:
    while time.perf_counter() - began < 300:
        try:
            urllib.request.urlopen(url, timeout=2).read()
            return time.perf_counter() - began
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("no first page within five minutes")


if __name__ == "__main__":
    main()
