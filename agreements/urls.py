from django.urls import path

from agreements import commitment_views, views

app_name = "agreements"
urlpatterns = [
    path("circles/<uuid:code>/agreement/", views.agreement, name="agreement"),
    path("circles/<uuid:code>/agreement/sign/", views.agreement_sign, name="agreement_sign"),
    path("circles/<uuid:code>/commitments/add/", commitment_views.commitment_add, name="commitment_add"),
    path("commitments/", commitment_views.commitments, name="commitments"),
    path("commitments/<uuid:code>/settle/", commitment_views.commitment_settle, name="commitment_settle"),
    path("commitments/<uuid:code>/move/", commitment_views.commitment_move, name="commitment_move"),
]
