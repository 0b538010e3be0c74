"""What an enrolment form is filled with, and the pages of a programme."""

from django.test import Client
from django.urls import reverse

from programmes.models import Programme


def page(name: str, programme: Programme, **kwargs: object) -> str:
    return reverse(f"programmes:{name}", kwargs={"code": programme.code} | kwargs)


YES = {"motive": "To think aloud", "offers": "", "times-weekdays": ["0", "2"], "times-start": "540", "times-end": "720",
       "times-level": "good"}  # fmt: skip


def may_sign_up(visitor: Client) -> bool:
    return b'name="password1"' in visitor.get("/sign/signup/").content
