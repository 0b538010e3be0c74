"""`python -m tests.sessions.transcripts` writes what every screen says anew; read the difference aloud before keeping it."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.sessions.test_transcripts import CASES, FOLDER, RULES, name_of, written

    FOLDER.mkdir(exist_ok=True)
    for key, count in CASES:
        name_of(key, count).write_text(written(RULES[key], count))
