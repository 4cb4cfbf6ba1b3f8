"""What a plan said of its rows, beside what they become when it is applied (I1)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediatheque.core import db
from mediatheque.intake.records import Record

_SAID = {
    "created": gettext_lazy("The plan said it would be created: the library has changed since."),
    "updated": gettext_lazy("The plan said it would update an item: the library has changed since."),
    "skipped": gettext_lazy("The plan said it would be skipped: the library has changed since."),
    "failed": gettext_lazy("The plan said it would fail: the library has changed since."),
}


def of_rows(job_id: UUID, records: Sequence[Record]) -> dict[int, db.Row]:
    """The plan's rows of these, by row number; none where no plan was made."""
    found = db.rows(
        "select row, outcome, media_id, changes::text as changes from plan_rows where job_id = %s and row = any(%s)",
        [job_id, [record.row for record in records]],
    )
    return {each["row"]: each | {"changes": json.loads(each["changes"])} for each in found}


def tell_difference(planned: Mapping[str, Any], now: Mapping[str, Any], record: Record) -> None:
    """Say in the row's report that the library was changed since the plan, and the row decided anew."""
    if planned["outcome"] != now["outcome"]:
        record.say("plan.changed", "", str(_SAID[planned["outcome"]]))
    elif planned["media_id"] is not None and planned["media_id"] != now["media_id"]:
        record.say("plan.changed", "", _("The plan meant another item: the library has changed since."))
    elif planned["changes"] != json.loads(json.dumps(now["changes"])):
        record.say(
            "plan.changed", "", _("It changes other fields than planned: the library has changed since.")
        )


def forget(job_id: UUID) -> None:
    """The plan's rows go: it is made anew, or served."""
    db.execute("delete from plan_rows where job_id = %s", [job_id])
