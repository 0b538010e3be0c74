from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    """People, circles and rows that are made up: to look at, and to measure with. No page imports it."""

    name = "demonstration"
