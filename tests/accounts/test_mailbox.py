"""One rule for what counts as an address: at every form, in a pasted list and in a file."""

from importlib import import_module

import pytest
from django import forms
from django.apps import apps
from django.core.mail import EmailMessage
from django.test import Client

from accounts.fields import AddressField, KnownAddressField
from accounts.models import User
from accounts.rules.mailbox import as_address
from circles.rules.addresses import read_addresses
from programmes.rules.people_file import read_people
from tests.factories import PASSWORD
from tests.work import calls

ADDRESSES = [
    ("Bob@Example.org", "bob@example.org"),
    ("MAILTO:bob@example.org", "bob@example.org"),
    ("\u200bbob@example.org ", "bob@example.org"),
    ("x@b\u00fccher.example", "x@xn--bcher-kva.example"),
    ("x@XN--bcher-kva.example", "x@xn--bcher-kva.example"),
    ("x@stra\u00dfe.example", "x@xn--strae-oqa.example"),
    ("x@\u043f\u043e\u0447\u0442\u0430.xn--p1ai", "x@xn--80a1acny.xn--p1ai"),
    ("o'connor+circles@mail.example.org", "o'connor+circles@mail.example.org"),
    ("a" * 64 + "@" + "b." * 90 + "org", "a" * 64 + "@" + "b." * 90 + "org"),
    ("zo\u00eb@example.org", None),
    ('"zoe baker"@example.org', None),
    ("a..b@example.org", None),
    (".a@example.org", None),
    ("a@b", None),
    ("a@127.0.0.1", None),
    ("a@[127.0.0.1]", None),
    ("a@b@example.org", None),
    ("a@-b.org", None),
    ("a@" + "b." * 130 + "org", None),
    ("a" * 65 + "@example.org", None),
    ("@example.org", None),
    ("", None),
]


@pytest.mark.parametrize(("typed", "address"), ADDRESSES)
def test_one_rule(typed: str, address: str | None) -> None:
    assert as_address(typed) == address
    field = AddressField(required=False)
    if address:
        assert field.clean(typed) == address
        assert read_addresses(typed).good == (address,)
        assert [row.email for row in read_people(f"email\n{typed}\n".encode()).rows] == [address]
        # What is kept is what goes over the wire: nothing of it is encoded for sending.
        assert EmailMessage(to=[address]).message()["To"] == address
    elif typed:
        with pytest.raises(forms.ValidationError):
            field.clean(typed)
        assert address not in read_addresses(typed).good


@pytest.mark.parametrize(
    "typed", ["@" * 5_000, "a@" + "\u00e9" * 5_000, "\u200b" * 5_000, "a@" + "x." * 5_000, "mailto:" * 800]
)
def test_whatever_is_typed_is_little_work(typed: str) -> None:
    assert calls(lambda: as_address(typed)) < 100


def every_form(of: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
    return {of} | {each for sub in of.__subclasses__() for each in every_form(sub)}


@pytest.mark.django_db
def test_every_form_of_ours_reads_addresses_by_it(client: Client) -> None:
    client.get("/sign/login/")  # with the URLs come all forms
    other = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in every_form(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.EmailField) and not isinstance(field, KnownAddressField)
        if form.__module__.split(".")[0] not in ("allauth", "django")
    ]
    # allauth makes these fields when it makes a form; ours replace them there.
    assert [one for one in other if not one.startswith("accounts.library_forms.")] == []


@pytest.mark.django_db
def test_signing_up_and_in_read_an_address_in_one_way() -> None:
    form = {"name": "Inge", "email": "Inge@B\u00fccher.example", "password1": PASSWORD, "time_zone": "Europe/Berlin"}
    assert Client().post("/sign/signup/", form).status_code == 302
    user = User.objects.get(email="inge@xn--bcher-kva.example")
    user.emailaddress_set.update(verified=True)
    User.objects.filter(pk=user.pk).update(unproved_since=None)
    answer = Client().post("/sign/login/", {"login": "inge@b\u00fccher.example", "password": PASSWORD})
    assert answer.status_code == 302
    refused = Client().post("/sign/signup/", form | {"email": "zo\u00eb@example.org"})
    assert b"no email address that mail can be sent to" in refused.content


@pytest.mark.django_db
def test_accounts_from_before_keep_their_address_as_it_is_sent() -> None:
    old = User.objects.create_user("inge@b\u00fccher.example", PASSWORD)
    two = [User.objects.create_user(f"x@{domain}") for domain in ("m\u00fcller.example", "xn--mller-kva.example")]
    import_module("accounts.migrations.0007_domains_as_sent").write_as_sent(apps, None)
    old.refresh_from_db()
    assert old.email == "inge@xn--bcher-kva.example"
    assert set(User.objects.filter(pk__in=[one.pk for one in two]).values_list("email", flat=True)) == {
        "x@m\u00fcller.example", "x@xn--mller-kva.example",
    }  # fmt: skip
