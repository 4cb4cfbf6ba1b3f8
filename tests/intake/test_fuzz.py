"""Whatever somebody uploads: an answer that says what is wrong, and counts that add up (PROOFS, *Imports*)."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.support import report_of, upload
from tests.support import Actor, make_household

HEADERS = [
    "title",
    "year",
    "rating",
    "my rating",
    "barcode",
    "format",
    "cast",
    "added",
    "price",
    "seasons",
    "odd",
]
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "0", "1999", "-5", "99999999999999999999", '"', '""', "=1+1", "[]", "{}", "1/0",
         "31.02.2020", "½", "★★", "nan", "inf", "1e400", "\x00", "9" * 400, "DVD | Blu-ray", "a,b;c",
         "9783161484100", "tt0000001"]
    ),
)  # fmt: skip
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Nearly a table, in some encoding, with anything in its cells and some quotes left open."""
    header = draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=6, unique=True))
    separator = draw(st.sampled_from(",;\t"))
    rows = draw(st.lists(st.lists(CELLS, max_size=8), max_size=6))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = end.join(separator.join(row) for row in (["title", *header[1:]], *rows))
    return text.encode(draw(ENCODINGS), "replace")


def test_json_that_spells_nul_is_taken_as_text(alice: Actor) -> None:
    job = json.loads(upload(alice, b'title;cast\r\nAlien;["\\u0000"]\r\n', query="?async=false").content)
    assert job["summary"]["created"] == 1


def test_any_table_is_answered_and_its_counts_add_up() -> None:
    alice: Actor = make_household().admin

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(tables(), st.binary(max_size=400)))
    def check(content: bytes) -> None:
        answer = upload(alice, content, query="?async=false")
        assert answer.status_code in (200, 202, 415, 422), answer.content
        if answer.status_code != 200:
            return
        job = json.loads(answer.content)
        assert job["status"] == "succeeded"
        assert sum(job["summary"].values()) == job["progress"]["done"] == job["progress"]["total"]
        assert len(report_of(alice, job["id"])) == job["progress"]["done"]
        codes = {each["code"] for row in report_of(alice, job["id"]) for each in row["messages"]}
        assert "row.refused" not in codes

    check()
