from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "mediatheque.audit"
    label = "audit"
