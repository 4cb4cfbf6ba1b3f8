"""Every order of the list with every filter keeps off sequential scans of media and its link tables (C3, PROOFS).

Small by default; `PROOFS=full` takes a library of 100,000 and prints how long each statement took.
"""

import itertools
import os
import re
from typing import get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediatheque.catalog.schemas import Sort
from mediatheque.core.scope import of_person
from tests.catalog.test_media_list import fill
from tests.support import Actor, everything, make_household

FULL = os.environ.get("PROOFS") == "full"
ITEMS = 100_000 if FULL else 5_000
FILTERS = (
    "", "q=film", "q=film+123", "q=name77", "media_type=book", "genre=genre3", "genre=genre1&genre=genre2",
    "director=director7", "cast=director7", "year_min=1950&year_max=1959", "resolution=4K", "resolution=SD",
    "format=DVD", "rating_min=9", "rating_max=3", "user_rating_min=5", "user_rating_max=2", "tag=tag7", "tag=unknown",
    "ownership=wanted", "availability=lent", "availability=on_shelf", "genre=genre3&tag=tag3&year_min=1950",
)  # fmt: skip
NEVER_WHOLE = re.compile(r"Seq Scan on (media|media_terms|media_words|media_tags)\b")


@pytest.fixture(scope="module")
def large() -> Actor:
    actor, beside = (make_household(name).admin for name in ("Large", "Beside"))
    fill(actor, ITEMS)
    fill(beside, 20_000)
    everything(
        "vacuum (analyze) media, media_words, media_terms, media_tags, works, variants, entries, entry_works, tags"
    )
    return actor


@pytest.mark.parametrize("narrowed", FILTERS)
@pytest.mark.parametrize("place", ["", "&library=all"], ids=["one library", "all"])
def test_no_order_reads_a_table_from_end_to_end(large: Actor, narrowed: str, place: str) -> None:
    for sort, direction in itertools.product(get_args(Sort), ("asc", "desc")):
        with CaptureQueriesContext(connection) as captured:
            answer = large.get(f"/media?{narrowed}&sort={sort}&dir={direction}{place}")
        assert answer.status_code == 200, answer.content
        statements = [each["sql"] for each in captured if "media m" in each["sql"]]
        assert statements
        for statement in statements:
            plan = explained(large, statement)
            scanned = [each for each in plan if NEVER_WHOLE.search(each) and "never executed" not in each]
            assert scanned == [], (sort, direction, "\n".join(plan))
            if FULL:
                print(
                    f"{plan[-1].split(':')[1].strip():>12} {narrowed or '-'} {sort} {direction}{place}",
                    flush=True,
                )


def explained(actor: Actor, statement: str) -> list[str]:
    with (
        of_person(actor.user_id, space=actor.household.space_id, request_id="test"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"explain (analyze, costs off, timing off) {statement}")
        return [line for (line,) in cursor.fetchall()]
