from django.apps import AppConfig


class SpacesConfig(AppConfig):
    name = "mediatheque.spaces"
    label = "spaces"

    def ready(self) -> None:
        """Changes of a space's and a library's own fields can be undone."""
        from mediatheque.audit.undo import undoable

        undoable("spaces")
        undoable("libraries")
