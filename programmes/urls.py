from django.urls import path

from programmes import enrolment_views, forming_views, participation_views, programme_views, pulse_views

app_name = "programmes"
urlpatterns = [
    path("programmes/", programme_views.programmes, name="programmes"),
    path("programmes/start/", programme_views.start, name="start"),
    path("programmes/<uuid:code>/", participation_views.overview, name="overview"),
    path("programmes/<uuid:code>/settings/", programme_views.settings, name="settings"),
    path("programmes/<uuid:code>/administrators/", programme_views.admin_add, name="admin_add"),
    path("programmes/<uuid:code>/administrators/<uuid:person>/", programme_views.admin_remove, name="admin_remove"),
    path("programmes/<uuid:code>/end/", programme_views.end, name="end"),
    path("programmes/<uuid:code>/people/", enrolment_views.people, name="people"),
    path("programmes/<uuid:code>/people/import/", enrolment_views.people_import, name="import"),
    path(
        "programmes/<uuid:code>/people/invitations/<uuid:invitation>/withdraw/",
        enrolment_views.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("programmes/<uuid:code>/invitation/<str:token>/", enrolment_views.invitation_open, name="invitation_open"),
    path("programmes/<uuid:code>/join/", enrolment_views.join, name="join"),
    path("programmes/<uuid:code>/mine/", enrolment_views.mine, name="mine"),
    path("programmes/<uuid:code>/mine/note/", enrolment_views.note, name="note"),
    path("programmes/<uuid:code>/mine/again/", enrolment_views.again, name="again"),
    path("programmes/<uuid:code>/mine/withdraw/", enrolment_views.withdraw, name="withdraw"),
    path("programmes/<uuid:code>/forming/", forming_views.forming, name="forming"),
    path("rounds/<uuid:code>/circles/add/", forming_views.draft_add, name="draft_add"),
    path("rounds/<uuid:code>/circles/<uuid:draft>/", forming_views.draft_change, name="draft_change"),
    path("rounds/<uuid:code>/circles/<uuid:draft>/drop/", forming_views.draft_drop, name="draft_drop"),
    path("rounds/<uuid:code>/people/<uuid:person>/", forming_views.place, name="place"),
    path("rounds/<uuid:code>/publish/", forming_views.publish, name="publish"),
    path("rounds/<uuid:code>/drop/", forming_views.round_drop, name="round_drop"),
    path("programmes/<uuid:code>/participation.csv", participation_views.export, name="export"),
    path("programmes/<uuid:code>/report/", participation_views.report, name="report"),
    path("programmes/<uuid:code>/circles/<uuid:circle>/", participation_views.circle, name="circle"),
    path("programmes/<uuid:code>/circles/<uuid:circle>/appoint/", participation_views.appoint, name="appoint"),
    path("programmes/<uuid:code>/facilitators/", participation_views.facilitators, name="facilitators"),
    path("programmes/<uuid:code>/pulses/", pulse_views.pulses, name="pulses"),
    path("programmes/<uuid:code>/evaluation/", pulse_views.evaluation, name="evaluation"),
    path("pulses/<uuid:code>/", pulse_views.answer, name="answer"),
    path("pulses/<uuid:code>/days/", pulse_views.pulse_days, name="pulse_days"),
    path("circles/<uuid:code>/pulse/", pulse_views.circle_pulse, name="circle_pulse"),
]
