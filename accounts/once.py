"""A view decorator: a form that creates something is carried out once, however often it is sent."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.services import form_once

View = Callable[..., HttpResponse]


def once(view: View) -> View:
    """Wrap a view whose form carries `{% form_key %}`. Without a usable key the view runs as it is."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request.POST.get("form_key", "")) if request.method == "POST" else None
        if key is None:
            return view(request, *args, **kwargs)
        return form_once(
            key=key,
            now=timezone.now(),
            fallback=request.path,
            answer=lambda: view(request, *args, **kwargs),
        )

    return wrapped


def _key(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None
