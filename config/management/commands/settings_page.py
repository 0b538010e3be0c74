"""Write `docs/settings.md` anew, after a setting was added or changed."""

from typing import Any

from django.core.management.base import BaseCommand

from config.settings_page import ROOT, settings_page


class Command(BaseCommand):
    help = "Write docs/settings.md from config/settings.py and .env.example."

    def handle(self, *args: Any, **options: Any) -> None:
        (ROOT / "docs" / "settings.md").write_text(settings_page())
