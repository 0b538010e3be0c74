"""Thunderbird and Evolution beside a site that invites them, to be answered by hand: `python -m bench.programs`.

A series of six is planned. Bob reads his mail in Thunderbird, Carol hers in Evolution (their password is “secret”), and
what the site reads of their answers is printed as it changes. It says yes to nothing by itself: whoever runs it presses
and looks. Needs of Debian `thunderbird`, `evolution`, `gnome-keyring`, `libsecret-tools`, `dovecot-imapd` and a display
with a window manager (`Xvfb` and `openbox` will do); and root, since Dovecot reads as a user of its own.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.live_server import Sink, Site, free_port
from tests.services.test_calendar_journey import SET_UP, TELL, do

MAIL_USER = "mail"
DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={folder}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
}}
"""
THUNDERBIRD = {
    "mail.accountmanager.accounts": "account1",
    "mail.account.account1.identities": "id1",
    "mail.account.account1.server": "server1",
    "mail.server.server1.type": "imap",
    "mail.server.server1.hostname": "127.0.0.1",
    "mail.server.server1.userName": "bob",
    "mail.server.server1.check_new_mail": True,
    "mail.server.server1.check_time": 1,
    "mail.identity.id1.fullName": "Bob Baker",
    "mail.identity.id1.useremail": "bob@example.org",
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.fcc": False,
    "mail.smtpservers": "smtp1",
    "mail.smtpserver.smtp1.hostname": "127.0.0.1",
    "mail.smtpserver.smtp1.try_ssl": 0,
    "mail.smtpserver.smtp1.authMethod": 1,
    "calendar.registry.home.name": "Home",
    "calendar.registry.home.type": "storage",
    "calendar.registry.home.uri": "moz-storage-calendar://",
    "calendar.registry.home.imip.identity.key": "id1",
    "calendar.timezone.local": "Europe/London",
    "calendar.timezone.useSystemTimezone": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mail.pane_config.dynamic": 0,
}
EVOLUTION = {
    "carol-account": """[Data Source]
DisplayName=carol@example.org
Enabled=true
[Mail Account]
BackendName=imapx
IdentityUid=carol-identity
[Authentication]
Host=127.0.0.1
Method=PLAIN
Port={imap}
User=carol
[Security]
Method=none
[Refresh]
Enabled=true
IntervalMinutes=1
""",
    "carol-identity": """[Data Source]
DisplayName=carol@example.org
Enabled=true
Parent=carol-account
[Mail Identity]
Address=carol@example.org
Name=Carol Cook
[Mail Submission]
TransportUid=carol-transport
""",
    "carol-transport": """[Data Source]
DisplayName=carol@example.org
Enabled=true
Parent=carol-account
[Mail Transport]
BackendName=smtp
[Authentication]
Host=127.0.0.1
Method=none
Port={smtp}
[Security]
Method=none
""",
}
# It has no sandbox of its own for what it shows where it runs as root.
NO_SANDBOX = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
# Evolution asks the keyring for its password.
KEYRING = """printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
gsettings set org.gnome.evolution.mail prompt-check-if-default-mailer false
printf secret | secret-tool store --label=carol e-source-uid carol-account eds-origin evolution-data-server
exec evolution -c mail"""


class Folders(Sink):
    """What is sent lies in the folder of whom it is for, from which Dovecot hands it on."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for to in envelope.rcpt_tos:
            box = self.folder / to.partition("@")[0].partition("+")[0]
            for name in ("tmp", "new", "cur"):
                (box / name).mkdir(parents=True, exist_ok=True)
            (box / "new" / f"{time.time_ns()}.mail").write_bytes(f"Delivered-To: {to}\r\n".encode() + envelope.content)
            for path in (box, *box.rglob("*")):
                shutil.chown(path, MAIL_USER, MAIL_USER)
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def running(*command: str, folder: Path, **more: str) -> Iterator[None]:
    """A program with a home of its own, until the end of the block."""
    log = (folder / f"{Path(command[0]).name}.log").open("ab")
    home = os.environ | {"HOME": str(folder)} | more
    process = subprocess.Popen(command, env=home, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # with everything that it has started
        process.wait()


def thunderbird_home(folder: Path, *, imap: int, smtp: int) -> Path:
    """A profile that knows Bob's mailbox and a calendar that answers in his name."""
    folder.mkdir()
    ports = {"mail.server.server1.port": imap, "mail.smtpserver.smtp1.port": smtp}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in (THUNDERBIRD | ports).items()]
    (folder / "user.js").write_text("".join(lines))
    return folder


def evolution_home(folder: Path, *, imap: int, smtp: int) -> Path:
    """A home that knows Carol's mailbox; her calendar is there by itself."""
    sources = folder / ".config/evolution/sources"
    sources.mkdir(parents=True)
    for name, text in EVOLUTION.items():
        (sources / f"{name}.source").write_text(text.format(imap=imap, smtp=smtp))
    return folder


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="talking-piece-programs-"))
    folder.chmod(0o755)
    imap, post = free_port(), Folders(folder / "mail")
    post.folder.mkdir()
    shutil.chown(post.folder, MAIL_USER, MAIL_USER)
    (folder / "dovecot.conf").write_text(DOVECOT.format(folder=folder, user=MAIL_USER, imap=imap))
    (folder / "data").mkdir()
    site = Site(folder / "data", post)
    site.environment |= {
        "ANSWER_ADDRESS": "calendar@circles.example", "ANSWER_IMAP_HOST": "127.0.0.1", "ANSWER_IMAP_PORT": str(imap),
        "ANSWER_IMAP_SECURITY": "none", "ANSWER_IMAP_USER": "calendar", "ANSWER_IMAP_PASSWORD": "secret",
    }  # fmt: skip
    bob = thunderbird_home(folder / "bob", imap=imap, smtp=post.port)
    carol = evolution_home(folder / "carol", imap=imap, smtp=post.port)
    post.start()
    try:
        site.migrated()
        site.start()
        do(site, SET_UP, there=False)
        with (
            running("dovecot", "-F", "-c", str(folder / "dovecot.conf"), folder=folder),
            running("dbus-run-session", "thunderbird", "--no-remote", "--profile", str(bob), folder=bob),
            running("dbus-run-session", "sh", "-c", KEYRING, folder=carol, **NO_SANDBOX),
        ):
            _watch(site)
    finally:
        site.stop()
        post.stop()


def _watch(site: Site) -> None:
    said: object = None
    while True:
        told = do(site, TELL)
        if told["said"] != said:
            said = told["said"]
            print(json.dumps(told["said"]), flush=True)
        time.sleep(10)


if __name__ == "__main__":
    main()
