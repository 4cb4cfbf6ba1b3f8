"""A bulk edit costs the same on a connection that has been used (JOINTS, *Audit and bulk*).

What is compared is the processor time of the database's own process, not the clock.
"""

import os
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.support import Actor, everything

ROWS = 20_000 if os.environ.get("PROOFS") == "full" else 4_000
EDITS = {
    "a plain field": "update media set location = %s where space_id = %s",
    "what words and terms are made of": "update media set word_list = array['3' || %s], "
    'terms = \'[["genre", "odd", "Odd"]]\' where space_id = %s',
}
TICKS = os.sysconf("SC_CLK_TCK")

FILL = """
with numbered as (select n, uuid7() as item, uuid7() as work from generate_series(1, %(rows)s) n), made as (
  insert into works (id, owner_space, library_id, kind, title, original_title, year, match_key)
  select work, %(space)s, %(library)s, 'movie', 'Film ' || n, '', 1950, 'film ' || n from numbered)
insert into media (
  id, space_id, library_id, work_id, work_owner, media_type, title, original_title, sort_title, sort_key, match_key,
  year, year_key, overview, genres, people, certification, network, trailer_url, format, ownership, location, notes,
  details, external_ids, source_provider, source_external_id, import_source, person_fields, import_fields, word_list,
  terms)
select item, %(space)s, %(library)s, work, %(space)s, 'movie', 'Film ' || n, '', 'Film ' || n, 'film ' || n,
  'film ' || n, 1950, 1950, repeat('A long overview. ', 30), '{}', '[]', '', '', '', 'DVD', 'owned', '', '', '{}', '[]',
  '', '', '', '{}', '{}', '{}', '[]' from numbered
"""


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_bulk_edit_on_a_used_connection_costs_what_it_costs_on_a_fresh_one(alice: Actor, edit: str) -> None:
    space = alice.household.space_id
    everything(FILL, {"rows": ROWS, "space": space, "library": alice.household.library_id})
    fresh = processor_seconds(space, edit, used=False)
    used = processor_seconds(space, edit, used=True)
    assert used < 3 * fresh + 0.5, (used, fresh)


def processor_seconds(space: object, edit: str, *, used: bool) -> float:
    """Of one edit of every item; a `used` connection's first update touched no row."""
    dsn = os.environ["TEST_SUPERUSER_DSN"].replace("DATABASE", connection.settings_dict["NAME"])
    with psycopg.connect(dsn, autocommit=True) as admin:
        if used:
            for _ in range(8):
                admin.execute(edit, ["nowhere", "00000000-0000-0000-0000-000000000000"])
        backend = admin.info.backend_pid
        before = ticks(backend)
        admin.execute(edit, [f"shelf{used}".lower(), space])
        return (ticks(backend) - before) / TICKS


def ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
