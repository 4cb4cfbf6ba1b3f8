from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "mediatheque.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Changes of the catalogue can be undone; an item's derived columns are made again."""
        from mediatheque.audit.undo import undoable

        from .history import derived_columns

        undoable("media", derived_columns)
        for table in (
            "works",
            "variants",
            "seasons",
            "media_metadata",
            "entries",
            "entry_works",
            "file_references",
        ):
            undoable(table)
