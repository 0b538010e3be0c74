from django.urls import path

from circles import change_views, views

app_name = "circles"
urlpatterns = [
    path("circles/<uuid:code>/people/", views.people, name="people"),
    path("circles/<uuid:code>/people/slips/make/", views.slips_make, name="slips_make"),
    path("circles/<uuid:code>/people/slips/", views.slips, name="slips"),
    path(
        "circles/<uuid:code>/people/<uuid:member>/facilitate/", change_views.facilitation_ask, name="facilitation_ask"
    ),
    path("circles/<uuid:code>/people/<uuid:member>/removal/", views.removal_ask, name="removal_ask"),
    path("circles/<uuid:code>/facilitate/stop/", change_views.facilitator_stop, name="facilitator_stop"),
    path("changes/<uuid:code>/", change_views.change_answer, name="change_answer"),
    path("removals/<uuid:code>/", views.removal_answer, name="removal_answer"),
    path(
        "circles/<uuid:code>/invitations/<uuid:invitation>/revoke/",
        views.invitation_revoke,
        name="invitation_revoke",
    ),
    path(
        "circles/<uuid:code>/invitations/<uuid:invitation>/resend/",
        views.invitation_resend,
        name="invitation_resend",
    ),
    path("circles/<uuid:code>/settings/", views.circle_settings, name="settings"),
    path("circles/<uuid:code>/word/", views.word, name="word"),
    path("circles/<uuid:code>/goals/", views.goals, name="goals"),
    path("circles/<uuid:code>/coming/", views.coming_plan, name="coming_plan"),
    path("circles/<uuid:code>/hold/", views.hold, name="hold"),
]
