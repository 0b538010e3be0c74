"""A mail server for tests that leaves nothing behind when it stops. No Django: benches use it too."""

import asyncio
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
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        super().stop(no_assert)

    async def _end(self) -> None:
        # A caller who was let in this moment becomes a line at the next turns of the loop, and an ended one goes then.
        for _turn in range(10):
            for line in self.lines:
                if line.transport is not None:
                    line.transport.abort()
            await asyncio.sleep(0)
