"""Mail without a server: each message becomes a readable file in DATA_DIR/mail."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class ReadableFiles(BaseEmailBackend):
    """One `.eml` file a message: any mail program opens it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        for message in email_messages:
            stamp = timezone.now().strftime("%Y%m%d-%H%M%S-%f")
            private_file(folder / f"{stamp}-{uuid4().hex[:6]}.eml", message.message().as_bytes())
        return len(email_messages)


def private_file(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read; whole or not at all, also where the disk is full."""
    unfinished = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
