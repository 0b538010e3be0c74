"""The ordinary settings with a fast password hasher, mail in memory, and nothing kept on disk."""

import os
import tempfile
from pathlib import Path

_folder = Path(tempfile.gettempdir()) / "talking-piece-tests"
os.environ.setdefault("DATA_DIR", str(_folder))
os.environ.setdefault("SITE_URL", "http://testserver")

from config.settings import *  # noqa: E402, F403
from config.settings import ALLOWED_HOSTS, DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_HOST = "localhost"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ANSWER_ADDRESS = ""
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
CRISPY_FAIL_SILENTLY = False
REDIS_URL = ""
# Files under their own names from where they lie: nothing is collected for a test.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# The clock stands still in most tests: whoever presses does so at leisure. Those of the rule itself set it.
PRESS_APART_MS = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: tests with threads need every thread to see the same database. Its tables are made at once and
    # not by all migrations; that both are the same is in tests/sessions/test_migrations.py.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / f"test-{os.getpid()}.sqlite3"), "MIGRATE": False}
_folder.mkdir(parents=True, exist_ok=True)
