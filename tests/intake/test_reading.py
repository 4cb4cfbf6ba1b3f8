"""Delimited text as people's programs write it (I2): a bad row fails alone, no file crashes the reader."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.intake.reading import CELL_LIMIT, ROW_LIMIT, NotATable, Row, Table


def table(content: bytes) -> Table:
    return Table(io.BytesIO(content))


def rows(content: bytes) -> list[Row]:
    return list(table(content).rows())


def titles(content: bytes) -> list[str]:
    return [row.problem.code if row.problem else row.cells["title"] for row in rows(content)]


@pytest.mark.parametrize(
    ("encoding", "mark", "recognised"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("cp1252", b"", "windows-1252"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_recognised(
    encoding: str, mark: bytes, recognised: str, newline: str, delimiter: str
) -> None:
    text = newline.join([f"title{delimiter}year", f"Amélie – “x”{delimiter}2001", f"Fin{delimiter}1"])
    read = table(mark + text.encode(encoding))
    assert (read.encoding, read.delimiter, read.header) == (recognised, delimiter, ["title", "year"])
    assert [row.cells for row in read.rows()] == [
        {"title": "Amélie – “x”", "year": "2001"},
        {"title": "Fin", "year": "1"},
    ]


def test_lines_of_two_encodings_are_each_read_and_told() -> None:
    found = rows(b"title\n" + "Amélie\n".encode() + "Léon\n".encode("cp1252"))
    assert [(row.cells["title"], [m.code for m in row.messages]) for row in found] == [
        ("Amélie", []),
        ("Léon", ["row.encoding"]),
    ]


def test_quoted_cells_keep_commas_quotes_and_new_lines() -> None:
    assert rows(b'title,notes\n"Crouching, Tiger","said ""hi""\nand left"\n')[0].cells == {
        "title": "Crouching, Tiger",
        "notes": 'said "hi"\nand left',
    }


def test_ragged_rows_are_padded_or_told() -> None:
    found = rows(b"title,year\nA\nB,2,3\nC,3,,\n")
    assert [(row.cells, [m.code for m in row.messages]) for row in found] == [
        ({"title": "A", "year": ""}, []),
        ({"title": "B", "year": "2"}, ["row.extra_cells"]),
        ({"title": "C", "year": "3"}, []),
    ]


def test_rows_of_nothing_are_counted_and_left_out() -> None:
    assert [row.number for row in rows(b"title,year\nA,1\n,,,\n\n , \nB,2\n")] == [1, 5]


def test_a_row_with_nul_bytes_fails_alone() -> None:
    assert titles(b"title,year\nAlien,1979\nBl\x00ade,1998\nCube,1997\n") == ["Alien", "row.nul", "Cube"]


@pytest.mark.parametrize(
    "huge",
    [
        b'"' + b"x" * (CELL_LIMIT + 1) + b'"',
        b"x" * (CELL_LIMIT + 1),
        b"x" * (2 * ROW_LIMIT),
        b'"' + b"one line, of many\n" * 80_000 + b'"',
    ],
)
def test_a_huge_cell_fails_its_row_alone(huge: bytes) -> None:
    assert titles(b"title,notes,n\nA,x,1\nB," + huge + b",2\nC,y,3\n") == ["A", "row.too_long", "C"]


def test_a_cell_just_within_the_limit_is_read() -> None:
    assert len(rows(b"title\n" + b"x" * CELL_LIMIT)[0].cells["title"]) == CELL_LIMIT


def test_an_unclosed_quote_costs_one_row_at_most() -> None:
    found = rows(b'title,year\n"Alien,1979\nBlade,1998\nCube,1997\n')
    assert [row.cells["title"] for row in found] == ["Alien", "Blade", "Cube"]
    assert [m.code for m in found[0].messages] == ["row.quotes"]


def test_an_unclosed_quote_does_not_swallow_what_follows() -> None:
    rest = b"".join(b"Film %d,1999\n" % number for number in range(200_000))
    found = titles(b'title,year\n"Alien\n' + rest)
    assert found[0] == "row.quotes" or found[0] == "row.too_long"
    assert found[1:] == [f"Film {number}" for number in range(200_000)]


def test_quotes_inside_a_cell_of_several_lines_cost_that_row() -> None:
    assert titles(b'title,notes,n\n"One\nsaid "two" and\nthree",x,1\nZ,y,2\n') == ["row.quotes", "Z"]


def test_quotes_that_never_settle_do_not_take_for_ever() -> None:
    began = time.monotonic()
    assert len(rows(b"title,b,c\n" + b'a",b,"c\n' * 1_000_000)) > 0
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"\xef\xbb\xbf", "file.empty"),
        (b"\r\n\r\n", "file.empty"),
        (b"title,year\n", "file.header_only"),
        (b"title,year\n,,\n\n", "file.header_only"),
        (b"title,Title\na,b\n", "file.duplicate_header"),
        (b"\x89PNG\r\n\x1a\n0000", "file.binary"),
        (b"\xff\xd8\xff\xe0JFIF", "file.binary"),
        (b"PK\x03\x04workbook", "file.binary"),
        (b"%PDF-1.7\n", "file.binary"),
        (b"\x7fELF\x02\x01", "file.binary"),
        (bytes(range(256)) * 4, "file.binary"),
        (b"ti\x00tle,year\na,b\n", "file.binary"),
        (b'"title,year\na,b\n', "file.header"),
        (b",".join(b"c%d" % n for n in range(1001)) + b"\nx\n", "file.columns"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(NotATable) as refused:
        table(content)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_lines_before_the_header_that_say_nothing_are_skipped() -> None:
    read = table(b"sep=;\r\n\r\ntitle;year;\r\nHeat, the film;1995;\r\n")
    assert read.header == ["title", "year"]
    assert [row.cells for row in read.rows()] == [{"title": "Heat, the film", "year": "1995"}]


def test_columns_without_a_name_get_one() -> None:
    assert table(b"title,,year\na,b,c\n").header == ["title", "Column 2", "year"]


def test_sample_takes_nothing_from_rows() -> None:
    read = table(b"title\na\nb\nc\n")
    assert [row.number for row in read.sample(2)] == [1, 2]
    assert [row.cells["title"] for row in read.rows()] == ["a", "b", "c"]


def test_progress_reaches_the_size_and_the_file_is_not_held() -> None:
    content = b"title,notes\n" + b"Film,a note of some length\n" * 100_000
    read = table(content)
    assert read.size == len(content)
    assert read.consumed < read.size / 10
    assert sum(1 for _ in read.rows()) == 100_000
    assert read.consumed == read.size


def test_reading_begins_where_the_file_stands() -> None:
    file = io.BytesIO(b"junk!title\nHeat\n")
    file.seek(5)
    assert [row.cells for row in Table(file).rows()] == [{"title": "Heat"}]


pieces = st.sampled_from(
    [
        b'"',
        b'""',
        b",",
        b";",
        b"\n",
        b"\r\n",
        b"\r",
        b"\x00",
        b"\xe9",
        "é".encode(),
        b"title",
        b"x",
        b" ",
        b"=",
        b"\xff\xfe",
    ]
)


@given(st.lists(pieces, max_size=60).map(b"".join) | st.binary(max_size=200))
def test_no_file_crashes_the_reader(content: bytes) -> None:
    for prefix in (b"", b"title,year\n", b"\xff\xfe", b"\xef\xbb\xbftitle\n"):
        try:
            read = table(prefix + content)
        except NotATable:
            continue
        for row in read.rows():
            assert row.problem is not None or list(row.cells) == read.header
            assert not any("\x00" in cell for cell in row.cells.values())


written = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t"), min_size=1
)  # a file full of control characters is refused as no text


@given(st.lists(st.tuples(written.filter(str.strip), written)))
def test_what_the_csv_module_writes_is_read_back(cells: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("title", "notes"), *cells, ("last", "row")])
    read = rows(out.getvalue().encode())
    assert [(row.cells["title"], row.cells["notes"]) for row in read] == [*cells, ("last", "row")]
