from typing import Any

from django.http import HttpRequest
from django.urls import path

from accounts import limits
from circles.models import Invitation
from circles.tokens import typed
from pages import (
    arc_views,
    circle_views,
    departure_views,
    doors_views,
    ending_views,
    erasing_views,
    finding_views,
    joining_views,
    mirror_views,
    notices_views,
    organisation_views,
    outbox_views,
    own_words_views,
    times_views,
    views,
)
from pages import calendar_views as calendars
from pages import invitation_views as invitations

app_name = "pages"


def slip_typed(request: HttpRequest, kwargs: dict[str, Any]) -> str:
    return typed(request.POST.get("code", ""))[:100]


counted = limits.opens_with_secret(limits.in_the_address, Invitation.is_known)
counted_slip = limits.opens_with_secret(slip_typed, Invitation.is_known)
urlpatterns = [
    path("", views.today, name="today"),
    path("circles/", views.circles, name="circles"),
    path("circles/start/", views.circle_start, name="circle_start"),
    path("circles/start/together/", views.circle_start_together, name="circle_start_together"),
    path("circles/<uuid:code>/", circle_views.circle, name="circle"),
    path("circles/<uuid:code>/welcome/", joining_views.joined, name="joined"),
    path("circles/<uuid:code>/sessions/", circle_views.circle_sessions, name="circle_sessions"),
    path("commitments/find/", finding_views.commitments_find, name="commitments_find"),
    path("circles/<uuid:code>/commitments/", circle_views.circle_commitments, name="circle_commitments"),
    path("circles/<uuid:code>/more/", circle_views.circle_more, name="circle_more"),
    path("circles/<uuid:code>/seen/", views.circle_seen, name="circle_seen"),
    path("who-sees-what/", views.who_sees_what, name="who_sees_what"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="feed"),
    path("account/times/", times_views.times, name="times"),
    path("account/times/calendar/remove/", times_views.busy_remove, name="busy_remove"),
    path("account/times/<uuid:code>/remove/", times_views.times_remove, name="times_remove"),
    path("account/notices/", notices_views.preferences, name="preferences"),
    path("account/notices/day/", notices_views.day, name="day"),
    path("notices/", notices_views.notices, name="notices"),
    path("notices/read/", notices_views.notices_read, name="notices_read"),
    path("notices/<int:pk>/", notices_views.notice_open, name="notice_open"),
    path("unsubscribe/<str:token>/", notices_views.unsubscribe, name="unsubscribe"),
    path("outbox/", outbox_views.outbox, name="outbox"),
    path("outbox/again/", outbox_views.outbox_again, name="outbox_again"),
    path("outbox/test/", outbox_views.outbox_test, name="outbox_test"),
    path("circles/<uuid:code>/together/", mirror_views.mirror, name="mirror"),
    path("circles/<uuid:code>/together/open/", mirror_views.mirror_open, name="mirror_open"),
    path("circles/<uuid:code>/together/close/", mirror_views.mirror_close, name="mirror_close"),
    path("circles/<uuid:code>/together/change/", mirror_views.one_change, name="one_change"),
    path(
        "circles/<uuid:code>/together/change/<uuid:change>/",
        mirror_views.one_change_settle,
        name="one_change_settle",
    ),
    path("circles/<uuid:code>/decide/", arc_views.decide, name="decide"),
    path("circles/<uuid:code>/decide/settle/", arc_views.settle, name="decide_settle"),
    path("circles/<uuid:code>/closing/", arc_views.closing, name="closing"),
    path("circles/<uuid:code>/closing/close/", arc_views.close, name="close"),
    path("circles/<uuid:code>/end/", ending_views.end, name="end"),
    path(
        "circles/<uuid:code>/invitations/<uuid:invitation>/settle/",
        joining_views.slip_settle,
        name="slip_settle",
    ),
    path("circles/<uuid:code>/leave/", ending_views.leave, name="leave"),
    path("facilitating/", arc_views.facilitating, name="facilitating"),
    path("circles/<uuid:code>/self-run/", circle_views.self_run, name="self_run"),
    path("account/words/", own_words_views.own_words, name="own_words"),
    path("account/words/<str:key>/<uuid:code>/delete/", own_words_views.own_words_delete, name="own_words_delete"),
    path("account/export/", own_words_views.export, name="export"),
    path("account/delete/", erasing_views.account_delete, name="account_delete"),
    path("address/back/<str:token>/", doors_views.address_back, name="address_back"),
    path("second-step/lost/", doors_views.step_lost, name="step_lost"),
    path("second-step/lost/<str:token>/", doors_views.step_lost_ask, name="step_lost_ask"),
    path("second-step/keep/", doors_views.step_keep, name="step_keep"),
    path("people/<uuid:code>/left/", departure_views.person_left, name="person_left"),
    path("help/", views.help_page, name="help"),
    path("invitation/<str:token>/", counted(invitations.invitation_open), name="invitation_open"),
    path("invitation/", invitations.invitation, name="invitation"),
    path("sign/join/", organisation_views.join_sign_ins, name="join_sign_ins"),
    path("sign/again/", organisation_views.sign_in_again, name="sign_in_again"),
    path("join/", counted_slip(invitations.slip_code), name="slip_code"),
]
