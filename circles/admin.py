"""Circles in the admin site: that they exist and since when. Nothing anyone said, and no way to change who is in."""

from django.contrib import admin

from circles.models import Circle
from notifications.admin import LookOnly


@admin.register(Circle)
class CircleAdmin(LookOnly):
    list_display = ["code", "status", "cadence", "created_at"]
    list_filter = ["status"]
    fields = ["code", "status", "cadence", "created_at"]
