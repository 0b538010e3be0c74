from django.urls import path

from sessions.formats import editor_views as editor
from sessions.formats import views
from sessions.live import rehearsal_views
from sessions.live import rehearsal_views as live_rehearsal_views

app_name = "formats"
urlpatterns = [
    path("formats/", views.formats, name="formats"),
    path("formats/<slug:ref>/", views.detail, name="detail"),
    path("formats/<slug:ref>/file/", views.file, name="file"),
    path("formats/<slug:ref>/copy/", views.copy, name="copy"),
    path("formats/<slug:ref>/edit/", editor.edit, name="edit"),
    path("formats/<slug:ref>/retire/", views.retire, name="retire"),
    path("formats/<slug:ref>/rehearse/", live_rehearsal_views.rehearse, name="rehearse"),
    path("circles/<uuid:code>/formats/import/", views.import_, name="import"),
    path("rehearsals/<uuid:code>/", rehearsal_views.rehearsal, name="rehearsal"),
    path("rehearsals/<uuid:code>/room/", rehearsal_views.rehearsal_room, name="rehearsal_room"),
    path("rehearsals/<uuid:code>/replan/<slug:why>/", rehearsal_views.rehearsal_replan, name="rehearsal_replan"),
    path("rehearsals/<uuid:code>/turn/<slug:why>/", rehearsal_views.rehearsal_replan, name="rehearsal_turn"),
    path("rehearsals/<uuid:code>/<slug:kind>/", rehearsal_views.rehearsal_command, name="rehearsal_command"),
    path("cards/", views.cards_page, name="cards"),
    path("cards/<slug:key>/", views.card, name="card"),
]
