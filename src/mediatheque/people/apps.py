from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "mediatheque.people"
    label = "people"
