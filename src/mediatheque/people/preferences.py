"""What a person may prefer, with its published JSON schema (P6)."""

import zoneinfo
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, WithJsonSchema

from mediatheque.core.api import In
from mediatheque.core.errors import RuleBroken
from mediatheque.core.languages import Language

# Not checked by its pattern: what is no id reads like an id that does not exist.
LibraryText = Annotated[
    str, WithJsonSchema({"type": "string", "examples": ["lib_01jd7qk2m8e5vtx9m4r0c6w3zb"]})
]


class Preferences(In):
    """Only what is given is changed; null forgets it."""

    theme: Literal["light", "dark", "system"] | None = None
    language: Language | None = None
    region: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    default_library: LibraryText | None = None
    time_zone: Annotated[str, StringConstraints(max_length=60)] | None = None
    default_visibility: Literal["private", "shared"] | None = None
    streaming_services: (
        Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=60)]], Field(max_length=100)]
        | None
    ) = None


SCHEMA: dict[str, Any] = Preferences.model_json_schema()


def chosen(preferences: Preferences) -> dict[str, Any]:
    """What was given. Raises RuleBroken for a time zone IANA does not know."""
    found = preferences.model_dump(exclude_unset=True)
    zone = found.get("time_zone")
    if zone is not None and zone not in zoneinfo.available_timezones():
        message = _("Choose a time zone by its IANA name, like Europe/Berlin.")
        raise RuleBroken.at("preferences.time_zone", message, "time_zone.unknown")
    return found
