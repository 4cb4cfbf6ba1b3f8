"""What the catalogue does now and then."""

import json
from typing import Any
from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from mediatheque.core import db
from mediatheque.core import scope as scopes
from mediatheque.core.scope import Scope, of_person

from . import loans
from .derive import derivation, word_list
from .shapes import decode

BATCH = 500

log = structlog.get_logger("catalog")


@app.periodic(cron="23 * * * *")
@app.task(
    name="catalog.remind_loans", queueing_lock="catalog.remind_loans", queue="upkeep", pass_context=False
)
def remind_loans(timestamp: int) -> None:
    """Loans that are overdue are told of, once for each due date (C6)."""
    with scopes.nobody("job"):
        reminded = loans.remind()
    log.info("loans.reminded", reminded=reminded)


@app.periodic(cron="*/10 * * * *")
@app.task(name="catalog.derive_anew", queueing_lock="catalog.derive_anew", queue="upkeep")
def derive_anew(timestamp: int) -> None:
    """Every space's items whose words were derived otherwise. Each batch is kept; the next run goes on."""
    for each in db.rows("select * from spaces_to_derive(%s)", [derivation()]):
        while _derive_batch(each["space_id"], each["user_id"]):
            pass


def _derive_batch(space_id: UUID, admin: UUID) -> bool:
    """Whether there may be more."""
    with of_person(admin, space=space_id, request_id="derive_anew", writer="derivation") as scope:
        rows = _waiting(scope)
        if rows:
            db.execute(
                "update media m set word_list = array(select jsonb_array_elements_text(x.words)), derived = %s "
                "from unnest(%s::uuid[], %s::jsonb[]) x(id, words) where m.id = x.id and m.space_id = %s",
                [derivation(), [row["id"] for row in rows], [_words(row) for row in rows], space_id],
            )
    return len(rows) == BATCH


def _waiting(scope: Scope) -> list[dict[str, Any]]:
    return db.rows(
        "select id, title, original_title, people, overview from media where space_id = %s "
        "and library_id = any(%s) and (derived < %s or derived > %s) order by id limit %s for update skip locked",
        [scope.space_id, list(scope.library_ids), derivation(), derivation(), BATCH],
    )


def _words(row: dict[str, Any]) -> str:
    return json.dumps(word_list({**row, "people": decode(row["people"])}))
