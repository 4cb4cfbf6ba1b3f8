from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mediatheque.web"
    label = "web"
