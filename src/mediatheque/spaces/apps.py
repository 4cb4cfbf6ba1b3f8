from django.apps import AppConfig


class SpacesConfig(AppConfig):
    name = "mediatheque.spaces"
    label = "spaces"
