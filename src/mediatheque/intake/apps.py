from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "mediatheque.intake"
    label = "intake"

    def ready(self) -> None:
        """Where an item came from can be undone with it."""
        from mediatheque.audit.undo import undoable

        undoable("origins")
