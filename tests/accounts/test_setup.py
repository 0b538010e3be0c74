"""The first administrator comes through a printed link that works once."""

import re

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.factories import NOW

pytestmark = pytest.mark.django_db

FORM = {"name": "Dana", "email": "dana@example.org", "password": "three plain words", "time_zone": "Europe/London"}


def link(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("setup_link")
    found = re.search(r"(/setup/.+/)", capsys.readouterr().out)
    assert found
    return found.group(1)


def test_the_link_makes_one_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOW, tick=False):
        first, second = link(capsys), link(capsys)
        client = Client()
        client.get(first)
        assert client.get("/setup/").status_code == 404  # a newer link was printed
        assert client.get(second).url == "/setup/"
        wrong = client.post("/setup/", FORM | {"password": "short"})
        assert b"too short" in wrong.content
        assert not User.objects.exists()
        assert client.post("/setup/", FORM).url == "/"
        dana = User.objects.get()
        assert (dana.is_superuser, dana.is_staff, dana.is_set_up) == (True, True, True)
        assert client.get("/admin/").status_code == 200
        other = Client()
        other.get(second)
        assert other.get("/setup/").status_code == 404
        with pytest.raises(CommandError):
            call_command("setup_link")
