"""Everything in one process: migrate, print the address, serve, send mail, keep the schedule."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.services import setup_link_make
from config.runner import Runner
from config.server import serve
from config.starting import answers_are_tried, files_must_be_collected, keys_must_fit, port_must_be_free


class Command(BaseCommand):
    help = "Start Talking Piece in one process (HOST, PORT and DATA_DIR come from the environment)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load a demonstration into an empty database")

    def handle(self, *args: Any, **options: Any) -> None:
        port_must_be_free()
        call_command("migrate", interactive=False, verbosity=0)
        keys_must_fit()
        files_must_be_collected()
        answers_are_tried(now=timezone.now())
        if options["demo"]:
            call_command("demo")
        self.say(f"\nTalking Piece runs at  {settings.SITE_URL}")
        if not User.objects.filter(is_superuser=True).exists():
            link = f"{settings.SITE_URL}/setup/{setup_link_make(now=timezone.now())}/"
            self.say(f"Make the first administrator (one use, seven days):  {link}")
        if not settings.EMAIL_HOST:
            self.say(f"There is no mail server, so mails are written to  {settings.EMAIL_FILE_PATH}")
        self.say("Stop with Ctrl-C.\n")
        runner = Runner()
        runner.start()
        try:
            serve()
        finally:
            runner.close()
            runner.join(timeout=5)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
