"""What the catalogue does now and then."""

import structlog
from procrastinate.contrib.django import app

from mediatheque.core import scope as scopes

from . import loans

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
