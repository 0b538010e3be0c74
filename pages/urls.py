from django.urls import path

from pages import calendars, erasing_views, invitations, views

app_name = "pages"
urlpatterns = [
    path("", views.today, name="today"),
    path("circles/", views.circles, name="circles"),
    path("circles/start/", views.circle_start, name="circle_start"),
    path("circles/<uuid:code>/", views.circle, name="circle"),
    path("circles/<uuid:code>/seen/", views.circle_seen, name="circle_seen"),
    path("who-sees-what/", views.who_sees_what, name="who_sees_what"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="feed"),
    path("account/delete/", erasing_views.account_delete, name="account_delete"),
    path("help/", views.help_page, name="help"),
    path("invitation/<str:token>/", invitations.invitation_open, name="invitation_open"),
    path("invitation/", invitations.invitation, name="invitation"),
    path("join/", invitations.slip_code, name="slip_code"),
]
