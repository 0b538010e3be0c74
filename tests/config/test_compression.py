"""Pages go compressed where nobody outside chose a word of them; static files have lasting names; a page is light."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from config.starting import files_collect
from demonstration.circles import load
from tests.factories import NOW, Cast, signed_in

pytestmark = pytest.mark.django_db
ACCEPTS = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Static files as both modes serve them."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(
        STATIC_ROOT=folder,
        STORAGES={"staticfiles": {"BACKEND": "config.styles.NamedByContent"}},
        WHITENOISE_USE_FINDERS=False,
        WHITENOISE_AUTOREFRESH=False,
    ):
        files_collect()
        yield folder


def on_the_wire(answer: Any) -> int:
    """Bytes of the line of status, the headers and the body."""
    head = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in answer.items())
    head += "".join(f"{cookie.output()}\r\n" for cookie in answer.cookies.values()) + "\r\n"
    return len(head.encode()) + len(b"".join(answer))


def files_of(page: str) -> list[str]:
    return sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))


def test_the_first_load_of_today_is_at_most_twenty_five_kibibytes(collected: Path) -> None:
    """With the demonstration's data, all that a browser fetches for it, headers too."""
    with time_machine.travel(NOW, tick=False):
        load(now=NOW)
        client = signed_in(User.objects.get(email="amara@example.org"))
        page = client.get("/", **ACCEPTS)
        files = files_of(gzip.decompress(page.content).decode())
        assert [name.split(".")[0] for name in files] == ["/static/icon", "/static/js/page", "/static/style"]
        weights = {path: on_the_wire(client.get(path, **ACCEPTS)) for path in ["/", *files]}
    assert sum(weights.values()) <= 25 * 1024, weights


def test_names_hold_what_is_in_the_file_and_browsers_keep_it_for_good(collected: Path) -> None:
    client = Client()
    for path in files_of(client.get("/sign/login/").content.decode()):
        assert re.search(r"\.[0-9a-f]{12}\.", path), path
        answer = client.get(path, **ACCEPTS)
        kept = re.fullmatch(r"max-age=(\d+), public, immutable", answer["Cache-Control"])
        assert kept, path
        assert int(kept[1]) >= 31_536_000, path
        assert "gzip" in answer.get("Content-Encoding", "") or path.endswith(".svg"), path


def test_modules_import_each_other_by_their_lasting_names(collected: Path) -> None:
    """A module under its old name would be asked for anew each time, and be of another version than who imports it."""
    (live,) = (collected / "js").glob("live.*.js")
    imported = re.findall(r'from "\./([^"]+)"', live.read_text())
    assert len(imported) == 5
    assert all((collected / "js" / name).is_file() for name in imported)


def test_files_are_collected_again_only_when_one_of_them_changed(collected: Path) -> None:
    (style,) = collected.glob("style.*.css")
    before = style.stat().st_mtime_ns
    files_collect()
    assert style.stat().st_mtime_ns == before
    (collected / "made-of").write_text("something else")
    files_collect()
    assert style.stat().st_mtime_ns > before


def test_a_page_that_nobody_outside_chose_a_word_of_goes_compressed(people: Cast) -> None:
    client = signed_in(people.alice)
    for path in ("/", reverse("pages:circle", args=[people.circle.code]), "/commitments/"):
        plain, small = client.get(path), client.get(path, **ACCEPTS)
        assert "Content-Encoding" not in plain
        assert small["Content-Encoding"] == "gzip"
        assert len(small.content) < len(plain.content) / 2, path
        assert "Accept-Encoding" in small["Vary"]


@pytest.mark.parametrize("path", ["/commitments/?word=guess", "/?", "/sign/login/?next=/commitments/"])
def test_nothing_that_came_with_a_query_is_compressed(people: Cast, path: str) -> None:
    """Whoever may choose a word of a compressed page learns from its length what else stands there."""
    answer = signed_in(people.alice).get(path, **ACCEPTS)
    assert ("Content-Encoding" in answer) == path.endswith("?")


def test_nothing_that_came_with_a_form_or_an_address_is_compressed(people: Cast) -> None:
    client = signed_in(people.alice)
    again = client.post("/account/profile/", {"name": "", "time_zone": "guess"}, **ACCEPTS)
    missing = client.get("/no/such/guess/", **ACCEPTS)
    for answer, status in ((again, 200), (missing, 404)):
        assert answer.status_code == status
        assert "Content-Encoding" not in answer


def test_equal_pages_do_not_have_equal_lengths(people: Cast) -> None:
    """What members wrote stands on pages too; chance in every answer's length makes a look at it worth less."""
    client = signed_in(people.alice)
    path = reverse("pages:circle", args=[people.circle.code])
    assert len({len(client.get(path, **ACCEPTS).content) for _look in range(12)}) > 3
