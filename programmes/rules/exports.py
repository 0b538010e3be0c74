"""Files for spreadsheets: RFC 4180, UTF-8 with a mark, and no cell that a spreadsheet would run as a formula. Pure."""

import csv
from collections.abc import Iterable
from io import StringIO

MARK = "\ufeff"
# A cell that begins so is taken for a formula. Source: OWASP, "CSV Injection".
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe(cell: object) -> object:
    """The cell itself, or with an apostrophe before it where a spreadsheet would run it. Numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(DANGEROUS) else cell


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as a file, with CRLF at the end of each."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
    return MARK + out.getvalue()
