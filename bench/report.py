"""Write a table of figures, with commit and machine, into docs/performance.md under its heading."""

import platform
import re
import subprocess
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
HEAD = "# Performance\n\nWritten by `make bench`; each table names the command that printed it.\n"


RELIABILITY = FILE.with_name("reliability.md")
SECURITY = FILE.with_name("security.md")
HEADS = {
    FILE: HEAD,
    RELIABILITY: "# Reliability\n\nWhat dies, and what must hold. Written by `make faults`; "
    "each table names the command that printed it.\n",
    SECURITY: "# Security, measured\n\nLong runs against what must not happen. Written by `make security`; "
    "each table names the command that printed it.\n",
}


def write(title: str, command: str, rows: list[tuple[str, str]], file: Path = FILE) -> None:
    """Print the table and replace the section of the same title."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    cores = len(re.findall(r"^processor", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    where = f"`{command}` at {commit}, {cores} cores, Python {platform.python_version()}, Linux"
    table = "\n".join(["| what | figure |", "| --- | --- |", *(f"| {what} | {figure} |" for what, figure in rows)])
    section = f"## {title}\n\n{where}\n\n{table}\n"
    text = file.read_text() if file.exists() else HEADS[file]
    kept = re.sub(rf"## {re.escape(title)}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL).rstrip()
    file.write_text(f"{kept}\n\n{section}")
    print(section)
