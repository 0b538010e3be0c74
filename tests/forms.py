"""Every form that the site shows, as a browser reads it; a new one is found as soon as a page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

from django.test import Client
from django.urls import reverse

from tests.config.access import ENTRANCE, asked_of
from tests.config.world import World, names
from tests.factories import signed_in

OURS = ("accounts", "notifications", "circles", "agreements", "circle_sessions", "programmes")


@dataclass
class Form:
    """Where a form goes, what its fields hold as the page shows it and take at most, and whose page it is."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    person: int = 0
    most: dict[str, int] = field(default_factory=dict)


class Forms(HTMLParser):
    """The POST forms of a page. Of choices it takes the one that is chosen, else the first that says something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.inside = False
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = known.get("method", "").lower() == "post"
            if self.inside:
                self.found.append(Form(known.get("action", "")))
        elif not self.inside:
            return
        elif tag == "option" and self.select:
            fields, value = self.found[-1].fields, known.get("value", "")
            if "selected" in known or not fields[self.select]:
                fields[self.select] = value or fields[self.select]
        elif tag in ("input", "select", "textarea", "button") and (name := known.get("name")):
            self.found[-1].fields.setdefault(name, known.get("value", ""))
            if known.get("maxlength", "").isdecimal():
                self.found[-1].most[name] = int(known["maxlength"])
            if "checked" in known:
                self.found[-1].fields[name] = known.get("value", "on")
            self.select = name if tag == "select" else self.select
            self.area = name if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.inside and self.area:
            self.found[-1].fields[self.area] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area


# Leaving through these doors would end the person's session for the rest of the run.
NOT_READ = ("/sign/logout/", "/sign-out/", "/account/delete/", "/sign/sessions/", "/admin/")


def forms_of(client: Client, path: str, person: int) -> Iterator[Form]:
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        return
    reader = Forms()
    reader.feed(answer.content.decode())
    for form in reader.found:
        # Also an action that is a place of the page alone (`#held`).
        form.action, form.person = urldefrag(urljoin(path, form.action)).url, person
        form.fields.pop("csrfmiddlewaretoken", None)
        if not form.action.startswith(NOT_READ):
            yield form


# Who opens an address of each rule; a facilitator sees all that a member does, and more forms.
OPENED_BY = {
    "open": 0, "token": 0, "signed": 1, "fresh": 1, "member": 1, "attending": 1, "facilitator": 1, "partner": 1,
    "pair": 2, "owner": 2, "enrolled": 2, "leads": 3, "administrator": 4, "over": 4,
}  # fmt: skip


class Site:
    """Every form there is, with somebody who may send it: read once."""

    def __init__(self) -> None:
        self.world = world = World()
        kinds = ("facilitator", "member", "programme administrator", "superuser")
        self.people = [None, *(world.people[kind] for kind in kinds)]
        self.clients = [signed_in(person) if person else Client() for person in self.people]
        forms: dict[tuple[str, tuple[str, ...]], Form] = {}
        self.pages = sorted(set(self.paths(world)))
        for path, number in self.pages:
            for form in forms_of(self.clients[number], path, number):
                forms.setdefault((form.action, tuple(sorted(form.fields))), form)
        self.listed = [forms[key] for key in sorted(forms)]
        self.pages += [
            (f"/admin/{page}", 4) for page in ("", "accounts/user/", "circles/circle/", "notifications/message/")
        ]

    def paths(self, world: World) -> Iterator[tuple[str, int]]:
        for name, method, rule in asked_of(*OPENED_BY):
            if method == "GET":
                named = rule in ("open", "signed", "fresh", "token")
                yield reverse(name, kwargs=names(name)) if named else world.path(name), OPENED_BY[rule]
        for name in sorted(ENTRANCE):
            if name.startswith("account_") and "_from_key" not in name:
                yield reverse(name), 0
        yield reverse("programmes:join", args=[world.programme.code]), 2
        yield "/", 2
