"""What is swept now and then, never while somebody signs in (P3)."""

import structlog
from procrastinate.contrib.django import app

from mediatheque.core import db
from mediatheque.core import scope as scopes

log = structlog.get_logger("people")


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="people.prune_expired", pass_context=False)
def prune_expired(timestamp: int) -> None:
    """Expired sessions go, and tokens nobody can use any more."""
    with scopes.nobody("job"):
        pruned = db.value("select prune_expired()")
    log.info("pruned", pruned=pruned)
