"""What is refused, and the two ways in which a view says so: in a sentence on the next page, or beside a field."""

from types import TracebackType

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

# Of a request in which something was: why, where no page's head says it. What was written with it is given back
# (`config.middleware.Refusals`).
WAS_REFUSED = "talking_piece.refused"


class Refused(Exception):
    """Something a person asked for cannot be done now; the message says why, in words for that person."""


class HasAccount(Refused):
    """Somebody filled in the form for new people, and has been here before: they sign in instead."""

    def __init__(self) -> None:
        super().__init__(_("There is an account with this address: sign in to accept."))


class Gone(Refused):
    """What somebody was asked was answered already, was taken back, or has run out: it is used up."""

    def __init__(self) -> None:
        super().__init__(_("The invitation no longer works."))


def refusal_say(request: HttpRequest, refusal: Refused, *, at: str = "") -> None:
    """The next page that this person sees begins with why, or says it in its part `at`."""
    request.META[WAS_REFUSED] = str(refusal) if at else ""
    messages.warning(request, str(refusal), extra_tags=at)


class refusals_said:
    """`with refusals_said(request):` around the call of a service; what comes after it is the answer to a refusal.

    The next page says why; in its part `at`, where one is named, so that people stay where they pressed. What no view
    expects to be refused `config.middleware.Refusals` says in the same way.
    """

    def __init__(self, request: HttpRequest, *, at: str = "") -> None:
        self.request, self.at = request, at

    def __enter__(self) -> None:
        """Nothing is held."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Refused):
            refusal_say(self.request, error, at=self.at)
            return True
        return False


class refusals_beside:
    """As `refusals_said`, where the form is shown again as it was filled in: the reason stands beside a field.

    With no field it stands above the form.
    """

    def __init__(self, form: forms.BaseForm, field: str | None = None) -> None:
        self.form, self.field = form, field

    def __enter__(self) -> None:
        """Nothing is held."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Refused):
            self.form.add_error(self.field, str(error))
            return True
        return False
