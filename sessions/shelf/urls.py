from django.urls import path

from sessions.shelf import sentence_views as said
from sessions.shelf import views

app_name = "shelf"
urlpatterns = [
    path("shelf/", views.shelf, name="shelf"),
    path("shelf/sentences/", said.sentences, name="sentences"),
    path("shelf/sentences/<uuid:key>/away/", said.sentence_away, name="sentence_away"),
    path("shelf/<uuid:code>/", views.item, name="item"),
    path("shelf/<uuid:code>/file/", views.file, name="file"),
    path("shelf/<uuid:code>/take/", views.take, name="take"),
    path("shelf/<uuid:code>/asked/", views.asked, name="asked"),
    path("circles/<uuid:code>/shelf/", views.circle_shelf, name="circle_shelf"),
    path("circles/<uuid:code>/shelf/lend/", views.lend, name="lend"),
    path("circles/<uuid:code>/shelf/<uuid:item>/back/", views.back, name="back"),
    path("circles/<uuid:code>/shelf/bring/", views.bring, name="bring"),
    path("circles/<uuid:code>/sentences/", said.circle_sentences, name="circle_sentences"),
    path("circles/<uuid:code>/sentences/<uuid:offer>/no/", said.sentence_no, name="sentence_no"),
]
