"""The trail is kept as long as the operator says (L1)."""

from datetime import timedelta

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

from mediatheque.core import db
from mediatheque.core import scope as scopes
from mediatheque.core.clock import now

log = structlog.get_logger("audit")


@app.periodic(cron="11 3 * * *")
@app.task(name="audit.forget_old", queueing_lock="audit.forget_old", queue="upkeep")
def forget_old(timestamp: int) -> None:
    """Changes older than AUDIT_RETENTION_DAYS are forgotten; nothing younger can be, whoever asks."""
    before = now() - timedelta(days=settings.AUDIT_RETENTION_DAYS)
    with scopes.nobody("job"):
        forgotten = db.value("select forget_changes(%s)", [before])
    log.info("audit.forgotten", changes=forgotten)
