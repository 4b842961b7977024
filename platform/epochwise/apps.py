from django.apps import AppConfig


class EpochwiseConfig(AppConfig):
    name = "epochwise"
