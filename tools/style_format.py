"""Style sheets with one declaration a line, indented, at most 120 columns; what browsers read of them stays as it is.

    python -m tools.style_format           rewrites what is not in this form
    python -m tools.style_format --check   names what is not, and fails

Lists that are too long for a line are broken by hand, after a comma, and stay so.
"""

import sys

import cssbeautifier

from tools.printing import WIDTH
from tools.rooms import ROOT

STYLES = ROOT / "static" / "css"


def formatted(source: str) -> str:
    """The sheet in this form."""
    options = cssbeautifier.default_options()
    options.indent_size = 2
    options.end_with_newline = True
    options.newline_between_rules = False
    options.selector_separator_newline = False
    options.space_around_combinator = True
    return str(cssbeautifier.beautify(source, options))


def main(check: bool) -> int:
    """How many lines and files are wrong."""
    wrong = 0
    for path in sorted(STYLES.glob("*.css")):
        source = path.read_text(encoding="utf-8")
        made = formatted(source)
        for at, line in enumerate(made.splitlines(), 1):
            if len(line) > WIDTH:
                print(f"{path.name}:{at}: longer than {WIDTH} columns")
                wrong += 1
        if made != source and check:
            print(f"not in this form: {path.name}")
            wrong += 1
        elif made != source:
            path.write_text(made, encoding="utf-8")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main("--check" in sys.argv) else 0)
