"""Every page that is rendered is rendered a second time from the templates of an earlier checkout, and compared.

Same person, same data, same moment, same context: what differs comes from the templates. As a plugin of pytest it
compares whatever any test renders, mails too:

    git archive main templates | tar -x -C /tmp/before
    BEFORE=/tmp/before/templates python -m pytest -p tools.pages_twice -q -n 0 -m ""

Names of templates that differ, each with the first difference, go to `twice.log` (TWICE_LOG) and to the screen.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from django.template.backends.django import DjangoTemplates, Template

from tools.page_dom import difference

seen: Counter[str] = Counter()
found: dict[str, str] = {}
_inside = False


def watch(before: Path) -> None:
    """From now on compare what is rendered with what the templates in `before` make of it."""
    from django.conf import settings

    given: dict[str, Any] = {**settings.TEMPLATES[0], "NAME": "before", "DIRS": [before], "APP_DIRS": False}
    given.pop("BACKEND")
    # Loaders of its own: the site's would be asked for the folder of today, and a cache of theirs answers by name.
    given["OPTIONS"] = given["OPTIONS"] | {"loaders": [(
        "django.template.loaders.cached.Loader",
        ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
    )]}  # fmt: skip
    earlier = DjangoTemplates(given)
    render = Template.render

    def twice(self: Template, context: Any = None, request: Any = None) -> Any:
        global _inside
        name = self.template.name
        if _inside or name is None or self.backend is earlier:
            return render(self, context, request)
        _inside = True
        try:
            old = render(earlier.get_template(name), context, request)
        except Exception as error:
            old = f"!! {type(error).__name__}: {error}"
        finally:
            _inside = False
        _inside = True
        try:
            new = render(self, context, request)
        finally:
            _inside = False
        seen[name] += 1
        if old != new and name not in found:
            said = difference(old, new) if name.endswith(".html") else f"text differs\n{old}\n----\n{new}"
            if said:
                found[name] = said
        return new

    Template.render = twice  # type: ignore[method-assign,assignment]


def report() -> str:
    lines = [f"{name}\n{said}\n" for name, said in sorted(found.items())]
    lines.append(
        f"{sum(seen.values())} pages and mails of {len(seen)} templates compared, {len(found)} templates differ"
    )
    return "\n".join(lines)


def pytest_configure(config: Any) -> None:
    if os.environ.get("BEFORE"):
        watch(Path(os.environ["BEFORE"]))


def pytest_unconfigure(config: Any) -> None:
    if os.environ.get("BEFORE"):
        log = Path(os.environ.get("TWICE_LOG", "twice.log"))
        log.write_text(report())
        print(report()[-3000:])
