from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "mediatheque.operations"
    label = "operations"
