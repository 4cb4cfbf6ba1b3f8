"""Fields and roles as people read them. What is not listed here (a role of one's own) is shown as it is."""

from django.utils.translation import gettext_lazy

from mediatheque.spaces import words as spaces

ROLES = {
    "director": gettext_lazy("Direction"),
    "creator": gettext_lazy("Idea"),
    "writer": gettext_lazy("Script"),
    "actor": gettext_lazy("Cast"),
    "producer": gettext_lazy("Production"),
    "cinematographer": gettext_lazy("Camera"),
    "editor": gettext_lazy("Editing"),
    "author": gettext_lazy("Author"),
    "translator": gettext_lazy("Translation"),
    "narrator": gettext_lazy("Read by"),
    "illustrator": gettext_lazy("Illustration"),
    "artist": gettext_lazy("Artist"),
    "performer": gettext_lazy("Performance"),
    "conductor": gettext_lazy("Conducting"),
    "composer": gettext_lazy("Music"),
    "developer": gettext_lazy("Developer"),
    "publisher": gettext_lazy("Publisher"),
}
FIELDS = {
    "media_type": gettext_lazy("Kind"),
    "title": gettext_lazy("Title"),
    "original_title": gettext_lazy("Original title"),
    "sort_title": gettext_lazy("Sorted as"),
    "year": gettext_lazy("Year"),
    "release_date": gettext_lazy("Released"),
    "overview": gettext_lazy("Overview"),
    "runtime": gettext_lazy("Runtime"),
    "genres": gettext_lazy("Genres"),
    "tags": gettext_lazy("Tags"),
    "people": gettext_lazy("People"),
    "certification": gettext_lazy("Age rating"),
    "rating": gettext_lazy("Rating"),
    "network": gettext_lazy("Network"),
    "trailer_url": gettext_lazy("Trailer"),
    "poster": gettext_lazy("Cover"),
    "backdrop": gettext_lazy("Background"),
    "format": gettext_lazy("Format"),
    "ownership": gettext_lazy("Ownership"),
    "location": gettext_lazy("Place"),
    "notes": gettext_lazy("Notes"),
    "details": gettext_lazy("Details"),
    "signed": gettext_lazy("Signed"),
    "value": gettext_lazy("Value"),
    "external_ids": gettext_lazy("Ids elsewhere"),
    "source": gettext_lazy("Source"),
    "source_provider": gettext_lazy("Source"),
    "source_external_id": gettext_lazy("Id at the source"),
    "import_source": gettext_lazy("Imported from"),
    "added_at": gettext_lazy("Date added"),
    "key": gettext_lazy("Key"),
    "number": gettext_lazy("Number"),
    "expected_episodes": gettext_lazy("Episodes there are"),
    "available_episodes": gettext_lazy("Episodes here"),
    "is_complete": gettext_lazy("Complete"),
    "borrower": gettext_lazy("Lent to"),
    "since": gettext_lazy("Since"),
    "due": gettext_lazy("To be back by"),
    "back": gettext_lazy("Back since"),
    "edition": gettext_lazy("Edition"),
    "resolution": gettext_lazy("Resolution"),
    "barcode": gettext_lazy("Barcode"),
    "path": gettext_lazy("Path of the file"),
    "condition": gettext_lazy("Condition"),
    "purchased_on": gettext_lazy("Bought on"),
    "price": gettext_lazy("Price"),
    "currency": gettext_lazy("Currency"),
    "tracks": gettext_lazy("Tracks"),
    "label": gettext_lazy("Label"),
    "catalogue_number": gettext_lazy("Catalogue number"),
    "isbn": gettext_lazy("ISBN"),
    "publisher": gettext_lazy("Publisher"),
    "pages": gettext_lazy("Pages"),
    "series": gettext_lazy("Series"),
    "issue": gettext_lazy("Issue"),
    "cover_date": gettext_lazy("Cover date"),
    "platform": gettext_lazy("Platform"),
    "developer": gettext_lazy("Developer"),
    "season": gettext_lazy("Season"),
    "episode_title": gettext_lazy("Title of the episode"),
}


def role_word(role: str) -> str:
    """`director` as people read it."""
    return str(ROLES.get(role) or role.replace("_", " ").capitalize())


def field_word(field: str) -> str:
    """`original_title` as people read it."""
    return str(FIELDS.get(field) or field.replace("_", " ").capitalize())


def source_word(source: str) -> str:
    """`csv_delicious` as people read it; the room of imports says its sources' names in `SOURCES`."""
    name = source.removeprefix("csv_")
    return SOURCES.get(name) or name.replace("_", " ").capitalize()


SOURCES: dict[str, str] = spaces.SOURCES
spaces.FIELDS.update(FIELDS)
