"""Many items tagged at once, set-wise (C2, T2)."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import FieldError, RuleBroken
from mediatheque.core.scope import Scope

from . import actions, fields, tags
from .bulk_chosen import Outcome, changeable, record, under_set
from .derive import term_key
from .rules import MOST_TAGS


def tag(scope: Scope, ids: Sequence[str | UUID], added: Sequence[str], removed: Sequence[str]) -> Outcome:
    """Every item the person may change bears the added tags afterwards, and not the removed ones.

    Raises RuleBroken where there is nothing to do, or a name is none.
    """
    if not added and not removed:
        raise RuleBroken.at("set.tags", _("Say which tags to add or to remove."), "bulk.nothing")
    with under_set():
        fields.check({"tags": list(added)}, partial=True)
        _check_removed(removed)
        names, gone = tags.names_as_written(scope, added), {term_key(each) for each in removed}
    outcome = Outcome()
    changed = []
    rows = changeable(scope, ids, outcome)
    for row in rows:
        wanted = _wanted(row["tags"], names, gone)
        if len(wanted) > MOST_TAGS:
            message = _("An item has at most %(most)s tags.") % {"most": MOST_TAGS}
            outcome.refuse(row["id"], RuleBroken.at("tags", message, "tags.invalid"))
        else:
            outcome.done += 1
            changed += [(row, wanted)] if wanted != row["tags"] else []
    _write(scope, [_told(row, wanted) for row, wanted in changed])
    record(scope, "tagged", outcome)
    return outcome


def _check_removed(removed: Sequence[str]) -> None:
    try:
        fields.check({"tags": list(removed)}, partial=True)
    except RuleBroken as refusal:
        errors = [FieldError("remove_tags", each.message, each.code) for each in refusal.errors]
        raise RuleBroken(refusal.detail, code=refusal.code, errors=errors) from None


def _wanted(borne: Sequence[str], added: Sequence[str], gone: set[str]) -> list[str]:
    kept = [each for each in borne if term_key(each) not in gone]
    known = {term_key(each) for each in kept}
    return [*kept, *(each for each in added if term_key(each) not in known)]


def _told(row: Row, wanted: list[str]) -> dict[str, Any]:
    return {"id": str(row["id"]), "tags": wanted, "terms": actions.terms_again(row, {"tags": wanted})}


def _write(scope: Scope, told: Sequence[dict[str, Any]]) -> None:
    if told:
        db.execute(
            "update media m set tags = x.tags, terms = x.terms "
            "from jsonb_to_recordset(%s) as x(id uuid, tags varchar[], terms jsonb) "
            "where m.space_id = %s and m.id = x.id",
            [json.dumps(told), scope.space_id],
        )
