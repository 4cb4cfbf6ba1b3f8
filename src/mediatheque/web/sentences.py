"""What pydantic says of a body's fields, in the reader's language; what is not listed here stays English."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

_SENTENCES = {
    "missing": gettext_noop("Field required"),
    "extra_forbidden": gettext_noop("Extra inputs are not permitted"),
    "unstorable_text": gettext_noop(
        "%(field)s: this cannot be stored (NUL, half a surrogate pair, or a number without end)."
    ),
    "invisible_text": gettext_noop("Write something that can be seen."),
    "columns.twice": gettext_noop("Name each column once."),
    "string_type": gettext_noop("Input should be a valid string"),
    "string_too_short": gettext_noop("String should have at least %(min_length)s characters"),
    "string_too_long": gettext_noop("String should have at most %(max_length)s characters"),
    "string_pattern_mismatch": gettext_noop("String should match pattern '%(pattern)s'"),
    "int_type": gettext_noop("Input should be a valid integer"),
    "int_parsing": gettext_noop("Input should be a valid integer, unable to parse string as an integer"),
    "int_from_float": gettext_noop("Input should be a valid integer, got a number with a fractional part"),
    "float_type": gettext_noop("Input should be a valid number"),
    "float_parsing": gettext_noop("Input should be a valid number, unable to parse string as a number"),
    "bool_type": gettext_noop("Input should be a valid boolean"),
    "bool_parsing": gettext_noop("Input should be a valid boolean, unable to interpret input"),
    "list_type": gettext_noop("Input should be a valid list"),
    "dict_type": gettext_noop("Input should be a valid dictionary"),
    "model_attributes_type": gettext_noop(
        "Input should be a valid dictionary or object to extract fields from"
    ),
    "literal_error": gettext_noop("Input should be %(expected)s"),
    "enum": gettext_noop("Input should be %(expected)s"),
    "greater_than": gettext_noop("Input should be greater than %(gt)s"),
    "greater_than_equal": gettext_noop("Input should be greater than or equal to %(ge)s"),
    "less_than": gettext_noop("Input should be less than %(lt)s"),
    "less_than_equal": gettext_noop("Input should be less than or equal to %(le)s"),
    "too_short": gettext_noop("It needs at least %(min_length)s."),
    "too_long": gettext_noop("It may have at most %(max_length)s."),
    "datetime_from_date_parsing": gettext_noop("Input should be a valid date and time"),
    "datetime_parsing": gettext_noop("Input should be a valid date and time"),
    "timezone_aware": gettext_noop("Input should have timezone info"),
    "date_from_datetime_parsing": gettext_noop("Input should be a valid date"),
    "date_parsing": gettext_noop("Input should be a valid date"),
}


def sentence(error: Mapping[str, Any]) -> str:
    """What is wrong with one field, as one of pydantic's errors says it."""
    known = _SENTENCES.get(error["type"])
    try:
        return gettext(known) % (error.get("ctx") or {}) if known else str(error["msg"])
    except KeyError:  # a newer pydantic tells other facts
        return str(error["msg"])
