"""A mail server for tests that leaves nothing behind when it stops. No Django: benches use it too."""

from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class EndsLines(Controller):
    """Ends the lines that are open when it stops: what is left of one complains, in whichever test it is cleared away."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.lines: list[SMTP] = []
        super().__init__(*args, **options)

    def factory(self) -> SMTP:
        self.lines.append(self.line())
        return self.lines[-1]

    def line(self) -> SMTP:
        """What talks with one who calls."""
        return super().factory()

    def stop(self, no_assert: bool = False) -> None:
        for line in self.lines:
            if line.transport is not None:
                self.loop.call_soon_threadsafe(line.transport.abort)
        super().stop(no_assert)
