"""Generated covers: the same for the same title, well-formed for any, and rarely alike (C11)."""

import re

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from mediatheque.catalog.cover_art import cover_name, cover_svg


def test_cover_is_deterministic_and_named_by_all_it_shows():
    first = cover_svg("movie", "Night Ferry to Oran", "Yves Darrow, 1962")
    assert first == cover_svg("movie", "Night Ferry to Oran", "Yves Darrow, 1962")
    names = {cover_name(k, t, b) for k in ("movie", "book") for t in ("A", "B") for b in ("x", "y")}
    assert len(names) == 8


@settings(max_examples=150)
@given(
    title=st.text(max_size=200), byline=st.text(max_size=60), kind=st.sampled_from(["movie", "music", "book"])
)
def test_any_title_makes_well_formed_xml(title, byline, kind):
    root = fromstring(cover_svg(kind, title, byline))
    assert root.attrib["viewBox"] == ("0 0 200 200" if kind == "music" else "0 0 200 300")


def test_markup_in_a_title_stays_text():
    svg = cover_svg("movie", "<script>alert(1)</script>", '"><svg onload=x>')
    assert "<script" not in svg
    assert "onload=x>" not in svg.replace("&gt;", "")


@pytest.mark.parametrize(
    "title", ["x" * 10_000, "東京物語" * 500, "Ночной трамвай", "Το τελευταίο καφενείο", ""]
)
def test_a_long_or_unspaced_title_stays_small_and_inside(title):
    svg = cover_svg("movie", title, "")
    assert len(svg.encode()) < 6_000
    lines = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", svg)
    assert max(len(line) for line in lines) < 40
    assert [float(y) for y in re.findall(r'<tspan x="14" y="([\d.]+)"', svg)][-1] < 290


def test_covers_rarely_look_alike():
    drawings = {re.sub(r"<text.*", "", cover_svg("movie", f"Title {i}", "")) for i in range(500)}
    assert len(drawings) > 490


@pytest.mark.parametrize(
    "title", ["Superman: Red Son", "Shrinking", "Tag: The Assassination Game", "Tutankhamun"]
)
def test_a_word_that_fits_at_some_size_is_never_cut(title):
    for kind in ("movie", "music", "book", "game", "comic"):
        lines = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", cover_svg(kind, title, "x"))
        assert " ".join(lines) == title
