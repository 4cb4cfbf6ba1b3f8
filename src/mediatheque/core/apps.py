from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "mediatheque.core"
    label = "core"
