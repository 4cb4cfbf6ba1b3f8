"""What people fill in about themselves, in the API and on pages."""

from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints

from mediatheque.core.api import In, Name
from mediatheque.core.errors import NotFound, RuleBroken
from mediatheque.core.ids import UnknownId, read_id
from mediatheque.core.scope import Scope

from . import actions
from .preferences import Preferences, chosen

# A password is taken as it was typed, blanks included.
Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=4096)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Credentials(In):
    email: Address
    password: Password


class Registration(In):
    email: Address
    password: Password
    name: Name
    invite_token: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class ProfileChanges(In):
    name: Name | None = None
    bio: Annotated[str, StringConstraints(max_length=5000)] | None = None
    preferences: Preferences | None = None
    current_password: Password | None = None
    password: Password | None = None


class PasswordChange(In):
    current_password: Password
    password: Password


class Farewell(In):
    password: Password


class TokenForm(In):
    name: Name
    scope: Literal["read", "write"] = "read"
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


def change_profile(scope: Scope, changes: ProfileChanges) -> None:
    """Profile, preferences and password, each only where given. Raises RuleBroken, NotFound."""
    if changes.password is not None:
        if changes.current_password is None:
            message = _("Give your current password as well.")
            raise RuleBroken.at("current_password", message, "password.missing")
        actions.change_password(scope, changes.current_password, changes.password)
    preferences = chosen(changes.preferences) if changes.preferences else None
    _check_default_library(scope, (preferences or {}).get("default_library"))
    if changes.name is not None or changes.bio is not None or preferences is not None:
        actions.change_profile(scope, name=changes.name, bio=changes.bio, preferences=preferences)


def _check_default_library(scope: Scope, library: str | None) -> None:
    try:
        if library is not None and read_id("library", library) not in scope.library_ids:
            raise NotFound.at("preferences.default_library")
    except UnknownId:
        raise NotFound.at("preferences.default_library") from None
