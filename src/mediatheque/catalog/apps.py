from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "mediatheque.catalog"
    label = "catalog"
