"""Requests that no browser sends: bodies, addresses, cookies and files that are none. Refused, and never a fault of ours.

Fields filled with nasty texts are in test_fuzz.py, and the greatest ones in test_greatest_inputs.py.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.factories import NOW
from tests.forms import Form, Site
from tests.thorough import part

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
# What stands for a whole body, and what it says that it is.
BODIES: dict[str, tuple[bytes, str]] = {
    "another language": (b'{"text": 1}', "application/json"),
    "parts without a bound": (b"abc", "multipart/form-data"),
    "parts that do not end": (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nabc',
        "multipart/form-data; boundary=x",
    ),
    "a length that is none": (b"--x\r\nContent-Length: -5\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    "letters nobody knows": (b"text=%ff&name=1", f"{FORM}; charset=nonsense"),
    "letters of two bytes": ("text=1".encode("utf-16"), f"{FORM}; charset=utf-16"),
    "a thousand fields": ("&".join(f"k{at}=1" for at in range(1200)).encode(), FORM),
    "no field": (b"", FORM),
    "signs alone": (b"&&=&%&;=%zz", FORM),
}  # fmt: skip
QUERY = "page=%ff%fe&q=%ed%a0%80&a[]=1&&&=&%&next=%ed%a0%80&page=9223372036854775808&first=0001-01-01&last=9999-12-31"
ADDRESSES = (
    "/%00", "/circles/%ff%fe/", "/notices/99999999999999999999999/", "/notices/9223372036854775808/", "/calendar/%ed%a0%80.ics",
    "/formats/%00/", f"/formats/{'x' * 1000}/", "/cards/%2e%2e/", "/unsubscribe/%F0%9F/", f"/second-step/lost/{'é' * 200}/",
    "/sign/password/reset/key/%ff-%ff/", "/sign/confirm-email/%ff/", "/invitation/%0d%0aSet-Cookie:x=1/",
    "/account/words/%ff/00000000-0000-0000-0000-000000000000/delete/",
)  # fmt: skip
HEADERS = {
    "accept-language": "x" * 5000 + ",*;q=NaN",
    "accept": "\xff",
    "cookie": "sessionid=\xff\x01; csrftoken=" + "é" * 900,
}


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = Site()
        yield made
        transaction.set_rollback(True)


def status(client: Client, method: str, path: str, body: bytes = b"", kind: str = "", **more: Any) -> int:
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        answer = client.generic(method, path, body, content_type=kind or FORM, **more)
        transaction.set_rollback(True)
    return answer.status_code


def test_a_body_that_is_none_of_a_form(site: Site) -> None:
    for at, form in part(enumerate(site.listed), of=6):
        for body, kind in list(BODIES.values())[at % 3 :: 3]:
            assert status(site.clients[form.person], "POST", form.action, body, kind) < 500, (form.action, body[:40])


def test_files_where_words_belong_and_the_other_way_round(site: Site) -> None:
    def sent(form: Form, data: dict[str, Any]) -> int:
        with time_machine.travel(NOW, tick=False), transaction.atomic():
            answer = site.clients[form.person].post(form.action, data)
            transaction.set_rollback(True)
        return answer.status_code

    for form in part(site.listed, of=6, first=1):
        files = {name: SimpleUploadedFile("x\x00/../y.csv", b"\x00\xff" * 50) for name in form.fields}
        assert sent(form, files) < 500, form.action
    for form in (one for one in site.listed if "import" in one.action):
        assert sent(form, form.fields | {"file": "words"}) < 500, form.action


def test_addresses_questions_and_headers_that_are_none(site: Site) -> None:
    for path, person in part(site.pages, of=4):
        assert status(site.clients[person], "GET", f"{path}?{QUERY}") < 500 or path == "/readyz", path
        assert status(Client(), "GET", path, headers=HEADERS) < 500 or path == "/readyz", path
    for path in ADDRESSES:
        for method in ("GET", "POST"):
            for client in (site.clients[0], site.clients[1], site.clients[-1]):
                assert status(client, method, path) in (302, 400, 404, 405), (method, path)
