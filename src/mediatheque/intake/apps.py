from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "mediatheque.intake"
    label = "intake"

    def ready(self) -> None:
        """Where an item came from can be undone with it, and has a name."""
        from mediatheque.audit.undo import undoable
        from mediatheque.intake.sources import SOURCES
        from mediatheque.spaces import words

        undoable("origins")
        words.SOURCES.update({name: source.label for name, source in SOURCES.items()})
