from django.urls import path

from sessions.journeys import views

app_name = "journeys"
urlpatterns = [
    path("journeys/", views.journeys, name="journeys"),
    path("journeys/<slug:ref>/", views.journey, name="journey"),
    path("journeys/<slug:ref>/file/", views.file, name="file"),
    path("journeys/<slug:ref>/copy/", views.copy, name="copy"),
    path("journeys/<slug:ref>/edit/", views.edit, name="edit"),
    path("journeys/<slug:ref>/retire/", views.retire, name="retire"),
    path("circles/<uuid:code>/journeys/import/", views.import_, name="import"),
]
