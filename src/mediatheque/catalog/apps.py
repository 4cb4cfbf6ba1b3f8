from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "mediatheque.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Changes of the catalogue can be undone; an item's derived columns are made again. People take along
        what they noted and added."""
        from mediatheque.audit.undo import undoable
        from mediatheque.core.text import match_key
        from mediatheque.people.belongings import register_part

        from .belongings import additions, entries
        from .history import derived_columns

        register_part("entries", entries)
        register_part("media_added", additions)
        undoable("media", derived_columns)
        undoable("entries", lambda scope, old: {"match_key": match_key(old["title"])})
        for table in (
            "works",
            "variants",
            "loans",
            "seasons",
            "media_metadata",
            "entry_works",
            "file_references",
            "tags",
        ):
            undoable(table)
