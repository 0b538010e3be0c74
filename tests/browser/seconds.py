"""Settings and an app for browser tests that live through whole journeys: a second for each minute of every format.

The product has no setting for a clock. A site of such a test reads the library's formats from a folder of its own.
"""

from pathlib import Path

import yaml
from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import DATA_DIR, INSTALLED_APPS
from tests.browser.shortening import shorten

INSTALLED_APPS = [*INSTALLED_APPS, "tests.browser.seconds.Seconds"]


class Seconds(AppConfig):
    """Puts the library into seconds before anything has read it."""

    name = "tests.browser"
    label = "seconds"

    def ready(self) -> None:
        from sessions.formats import library

        folder = Path(DATA_DIR) / "formats"
        for file in (library.HERE / "common_stages.yaml", *(library.HERE / "shipped").glob("*.yaml")):
            definition = yaml.safe_load(file.read_text())
            shorten(definition)
            made = folder / file.relative_to(library.HERE)
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_text(yaml.safe_dump(definition, sort_keys=False, allow_unicode=True))
        library.HERE = folder
