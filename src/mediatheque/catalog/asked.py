"""What the address of a list asks for."""

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import ValidationError

from mediatheque.core.errors import FieldError, Malformed

from .schemas import MediaQuery

MANY = (
    "media_type",
    "genre",
    "tag",
    "director",
    "cast",
    "resolution",
    "ownership",
    "availability",
    "format",
    "library",
)
NOT_OF_PAGES = ("page", "total", "limit")


def query(given: QueryDict) -> MediaQuery:
    """The filters in an address; empty fields of a form do not count. Raises Malformed."""
    found = {
        name: [each for each in values if each] if name in MANY else values[-1]
        for name, values in given.lists()
        if name in MediaQuery.model_fields and any(values) and name not in NOT_OF_PAGES
    }
    try:
        return MediaQuery.model_validate(found)
    except ValidationError as error:
        message = _("This address does not say what to show: start again from the library.")
        faults = [FieldError(str(each["loc"][0]), str(each["msg"])) for each in error.errors() if each["loc"]]
        raise Malformed(message, errors=faults) from None
