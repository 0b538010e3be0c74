from django.urls import path

from agreements import views

app_name = "agreements"
urlpatterns = [
    path("circles/<uuid:code>/agreement/", views.agreement, name="agreement"),
    path("circles/<uuid:code>/agreement/sign/", views.agreement_sign, name="agreement_sign"),
    path("circles/<uuid:code>/commitments/add/", views.commitment_add, name="commitment_add"),
    path("commitments/", views.commitments, name="commitments"),
    path("commitments/<uuid:code>/settle/", views.commitment_settle, name="commitment_settle"),
    path("commitments/<uuid:code>/move/", views.commitment_move, name="commitment_move"),
]
