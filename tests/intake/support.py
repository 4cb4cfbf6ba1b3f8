"""Files to import, and a worker that runs until nothing is left to do."""

import csv
import io
import json
from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from mediatheque.core.ids import read_id
from mediatheque.core.jobs import take_up_stalled
from tests.support import Actor, everything

COLLECTZ = [
    "id", "title", "media_type", "original_title", "release_date", "year", "format", "genre", "director",
    "rating", "user_rating", "tmdb_id", "tmdb_media_type", "tmdb_url", "overview", "runtime", "upc", "location",
    "notes", "network", "type_details", "cast_members", "owned_formats", "import_source", "created_at",
]  # fmt: skip


def table(rows: list[dict[str, Any]], header: list[str] | None = None) -> bytes:
    """A CSV of these rows."""
    names = header or list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def films(count: int, **more: Any) -> list[dict[str, Any]]:
    """Rows that have nothing in common."""
    return [
        {"title": f"Film number {n}", "year": 1950 + n % 70, "format": "DVD", "director": f"Person {n % 50}",
         "genres": "Drama | Crime", **more}
        for n in range(count)
    ]  # fmt: skip


def upload(
    actor: Actor, content: bytes, *, name: str = "films.csv", query: str = "", **fields: Any
) -> HttpResponse:
    """Post the file as a program does."""
    data = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in fields.items()}
    return actor.client.post(  # type: ignore[return-value]
        f"/api/media/import-csv{query}", {"file": SimpleUploadedFile(name, content), **data}
    )


def work() -> None:
    """Run what is queued."""
    _worker("imports")


def run_upkeep() -> None:
    """Look for stalled jobs, as happens every minute."""
    with suppress(AlreadyEnqueued):
        take_up_stalled.defer(timestamp=0)
    _worker("upkeep")


def _worker(queue: str) -> None:
    connection.close()
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        worker_app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, queues=[queue])


def queued(job_id: str) -> list[str]:
    """The states in the queue of an import that is not done."""
    found = everything(
        "select status::text from procrastinate_jobs where args->>'job_id' = %s and status::text <> 'succeeded'",
        [str(read_id("job", job_id))],
    )
    return [each[0] for each in found]


def make_stale(job_id: str) -> None:
    """As if a worker had taken the job and died."""
    everything(
        "update procrastinate_jobs set status = 'doing', worker_id = null where args->>'job_id' = %s",
        [str(read_id("job", job_id))],
    )


def imported(actor: Actor, content: bytes, **fields: Any) -> dict[str, Any]:
    """Upload, let the worker do it; the job as it ended."""
    answer = upload(actor, content, **fields)
    assert answer.status_code == 202, answer.content
    work()
    return read(actor, answer.json()["job_id"])


def read(actor: Actor, job_id: str) -> dict[str, Any]:
    answer = actor.get(f"/sync-jobs/{job_id}")
    assert answer.status_code == 200, answer.content
    return dict(json.loads(answer.content))


def report_of(actor: Actor, job_id: str, query: str = "?limit=200") -> list[dict[str, Any]]:
    answer = actor.get(f"/sync-jobs/{job_id}/result{query}")
    assert answer.status_code == 200, answer.content
    return list(json.loads(answer.content)["items"])


def count_media(actor: Actor) -> int:
    return int(everything("select count(*) from media where space_id = %s", [actor.household.space_id])[0][0])
