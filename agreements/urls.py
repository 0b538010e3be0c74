from django.urls import path

from agreements import commitment_views, proposal_views, views

app_name = "agreements"
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
    path("commitments/<uuid:code>/settle/", commitment_views.commitment_settle, name="commitment_settle"),
    path("commitments/<uuid:code>/move/", commitment_views.commitment_move, name="commitment_move"),
]
