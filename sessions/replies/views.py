"""Answers without signing in: by the link in a mail, which a button confirms, and by services that hand mails in."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from accounts.requests import get_or_post
from sessions.replies.links import link_read
from sessions.replies.selectors import link_over
from sessions.replies.services import link_answer, mail_take
from sessions.services import OtherDate

DOOR_SECONDS = 300


@login_not_required
@never_cache
@get_or_post
def answer_open(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link in a mail. Opening it changes nothing, since scanners open links; its button does.

    It opens nothing else, and ends when its session begins, is called off, or its person has left the circle.
    """
    found = link_read(token)
    if found is None:
        raise Http404
    row, answer = found
    now = timezone.now()
    with translation.override(row.user.language):
        context = {"session": row.session, "answer": answer, "person": row.user}
        context |= {"zone": row.user.zone_or(row.session.zone), "over": link_over(row, now=now)}
        if request.method == "POST" and not context["over"]:
            try:
                link_answer(row=row, answer=answer, now=now, dated=request.POST.get("dated", ""))
                context |= {"done": True, "answers_on": not link_over(row, now=now)}
            except OtherDate as refusal:
                row.session.refresh_from_db()
                context["changed"] = str(refusal)
            except Refused:
                context["over"] = True
        return render(request, "sessions/answer.html", context, status=404 if context["over"] else 200)


@login_not_required
@never_cache
@csrf_exempt  # a mail service sends this, and signs it
@require_POST
def answer_door(request: HttpRequest) -> HttpResponse:
    """Take in a raw mail that a mail service hands in: the body is the mail, signed with the secret of the settings."""
    if not settings.ANSWER_DOOR_SECRET or not _signed(request):
        raise Http404
    return JsonResponse({"understood": mail_take(raw=request.body, now=timezone.now()).understood})


def _signed(request: HttpRequest) -> bool:
    """Whether it was signed with the secret, a few minutes ago at most; the time is signed too."""
    said_at, signature = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    made = hmac.new(settings.ANSWER_DOOR_SECRET.encode(), f"{said_at}.".encode() + request.body, sha256).hexdigest()
    if not hmac.compare_digest(f"sha256={made}".encode(), signature.encode("latin-1", "replace")):
        return False
    try:
        return abs(timezone.now().timestamp() - int(said_at)) <= DOOR_SECONDS
    except ValueError:
        return False
