"""The page behind the links in the reminder of a plan."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache

from accounts.refusals import Refused
from accounts.requests import get_or_post
from agreements import plan_services
from agreements.plan_links import plan_link_over, plan_link_read


@login_not_required
@never_cache
@get_or_post
def plan_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Done, not yet, changed. Opening it changes nothing, since scanners open links; its button does.

    It shows no word of the commitment, opens nothing else, and answers once.
    """
    found = plan_link_read(token)
    if found is None:
        raise Http404
    commitment, revision, answer = found
    with translation.override(commitment.owner.language):
        context: dict[str, Any] = {
            "circle": commitment.circle,
            "cue": commitment.cue,
            "answer": answer,
            "label": answer.label,
        }
        context |= {"code": commitment.code, "over": plan_link_over(commitment, revision)}
        if request.method == "POST" and not context["over"]:
            try:
                plan_services.plan_answer(commitment=commitment, revision=revision, answer=answer, now=timezone.now())
                context |= {"done": True, "again": commitment.cue}
            except Refused:
                context["over"] = True
        return render(request, "agreements/plan_answer.html", context, status=404 if context["over"] else 200)
