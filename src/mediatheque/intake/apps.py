from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "mediatheque.intake"
    label = "intake"
