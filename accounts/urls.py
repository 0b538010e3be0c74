from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/profile/", views.profile, name="profile"),
    path("setup/<str:token>/", views.setup_open, name="setup_open"),
    path("setup/", views.setup, name="setup"),
    path("appearance/", views.appearance, name="appearance"),
]
