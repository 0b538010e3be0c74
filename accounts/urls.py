from django.urls import path

from accounts import limits, views
from accounts.models import SetupToken

app_name = "accounts"
counted = limits.opens_with_secret(limits.in_the_address, SetupToken.is_known)
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/profile/", views.profile, name="profile"),
    path("account/address/works/", views.address_works, name="address_works"),
    path("setup/<str:token>/", counted(views.setup_open), name="setup_open"),
    path("setup/", views.setup, name="setup"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("appearance/", views.appearance, name="appearance"),
]
