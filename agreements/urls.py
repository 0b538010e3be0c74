from django.urls import path

from accounts import limits
from agreements import commitment_views, plan_views, proposal_views, views
from agreements.plan_links import plan_link_is_known

app_name = "agreements"
counted = limits.opens_with_secret(limits.in_the_address, plan_link_is_known)
urlpatterns = [
    path("circles/<uuid:code>/agreement/", views.agreement, name="agreement"),
    path("circles/<uuid:code>/agreement/sign/", views.agreement_sign, name="agreement_sign"),
    path("circles/<uuid:code>/agreement/print/", views.agreement_print, name="agreement_print"),
    path("circles/<uuid:code>/agreement/text/", views.agreement_text, name="agreement_text"),
    path("circles/<uuid:code>/agreement/when-hard/", views.agreement_hard, name="agreement_hard"),
    path("circles/<uuid:code>/agreement/versions/<int:number>/", views.agreement_version, name="agreement_version"),
    path("circles/<uuid:code>/agreement/propose/<slug:change>/", proposal_views.propose, name="propose"),
    path("agreement/proposals/<uuid:code>/", proposal_views.proposal, name="proposal"),
    path("agreement/proposals/<uuid:code>/withdraw/", proposal_views.proposal_withdraw, name="proposal_withdraw"),
    path("circles/<uuid:code>/commitments/add/", commitment_views.commitment_add, name="commitment_add"),
    path("commitments/", commitment_views.commitments, name="commitments"),
    path("commitments/answer/<str:token>/", counted(plan_views.plan_answer), name="plan_answer"),
    path("commitments/<uuid:code>/", commitment_views.commitment, name="commitment"),
    path("commitments/<uuid:code>/change/", commitment_views.commitment_change, name="commitment_change"),
    path("commitments/<uuid:code>/delete/", commitment_views.commitment_delete, name="commitment_delete"),
    path("commitments/<uuid:code>/progress/", commitment_views.progress, name="progress"),
    path("commitments/<uuid:code>/steps/", commitment_views.step_add, name="step_add"),
    path("commitments/<uuid:code>/steps/<uuid:step>/", commitment_views.step_mark, name="step_mark"),
    path("commitments/<uuid:code>/partner/", commitment_views.partner_answer, name="partner_answer"),
    path("commitments/<uuid:code>/nudge/", commitment_views.nudge, name="nudge"),
    path("commitments/<uuid:code>/appointment/", commitment_views.appointment, name="appointment"),
    path(
        "commitments/<uuid:code>/appointment/settle/",
        commitment_views.appointment_settle,
        name="appointment_settle",
    ),
    path(
        "commitments/<uuid:code>/appointment/calendar/",
        commitment_views.appointment_calendar,
        name="appointment_calendar",
    ),
    path("commitments/<uuid:code>/settle/", commitment_views.commitment_settle, name="commitment_settle"),
    path("commitments/<uuid:code>/move/", commitment_views.commitment_move, name="commitment_move"),
]
