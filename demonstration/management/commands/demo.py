"""Load the demonstration into a database that has nobody in it."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from demonstration.circles import load


class Command(BaseCommand):
    help = "Load two circles with history; sign-in details are printed once and written to DATA_DIR/demo.json."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There are people here already, so no demonstration was loaded.")
            return
        made = load(now=timezone.now())
        for item in (*made["circles"], *made["sessions"]):
            for key in ("path", "live", "events"):
                if key in item:
                    item[key] = settings.SITE_URL + item[key]
        file = settings.DATA_DIR / "demo.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
        file.chmod(0o600)
        self.stdout.write("\nA demonstration is loaded. Sign in with the password  " + made["password"])
        for account in made["accounts"]:
            self.stdout.write(f"  {account['role']:14} {account['email']}")
        self.stdout.write(f"The same is written to  {file}")
