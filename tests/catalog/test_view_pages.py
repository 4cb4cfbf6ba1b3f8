"""Counts in the bar of a list and the pages of saved views (C3)."""

import re
from html import unescape

from tests.catalog.making import make
from tests.support import Actor

from .test_pages import address, page, post, shown_titles


def _filled(html: str, name: str) -> str:
    """What a script would put at this place of the bar."""
    found = re.search(rf'<template data-for="{name}">(.*?)</template>', html, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_counts_say_what_each_choice_leaves(alice: Actor) -> None:
    make(alice, "Alien", genres=["Horror"], year=1979, format="DVD")
    make(alice, "Brazil", genres=["Comedy"], year=1985, format="DVD")
    make(alice, "Dune", "book", genres=["Comedy"], year=1965, format="Paperback")
    html = page(alice, f"library/{alice.library}/facets?genre=Comedy")
    assert _filled(html, "genre") == "Comedy 2 Horror 1"
    assert _filled(html, "format") == "DVD 1 Paperback 1"
    assert _filled(html, "decades") == "1980s 1 1960s 1"
    assert [_filled(html, f"tab-{at}") for at in range(4)] == ["2", "1", "0", "1"]
    assert _filled(html, "total") == "2 titles"
    assert _filled(page(alice, "library/facets?media_type=book"), "total") == "1 title"


def test_a_list_is_kept_and_found_again_under_its_name(alice: Actor) -> None:
    make(alice, "Alien", genres=["Horror"])
    make(alice, "Brazil", genres=["Comedy"])
    kept = post(alice, "views/keep", {
        "name": "Spooky", "library": alice.library, "state": "genre=Horror&sort=year&dir=desc&view=table&cursor=x",
    })  # fmt: skip
    assert kept.status_code == 303
    target = kept["Location"]
    assert target.split("?")[0] == address(alice, f"library/{alice.library}")
    assert set(target.split("?")[1].split("&")) == {"genre=Horror", "sort=year", "dir=desc", "view=table"}
    assert alice.client.get(target).content.decode().count('scope="row"') == 1
    assert "Spooky" in _filled(page(alice, "library/facets"), "views")


def test_a_view_is_renamed_shared_and_deleted_by_its_owner(alice: Actor, bob: Actor) -> None:
    post(alice, "views/keep", {"name": "Mine", "state": "genre=Horror"})
    change = unescape(re.findall(r'action="([^"]+/views/viw_[^"/]+)"', page(alice, "views"))[0])
    assert "Mine" not in page(bob, "views")
    assert alice.client.post(change, {"name": "Ours", "shared": "yes"}).status_code == 303
    assert "Ours" in page(bob, "views")
    assert bob.client.post(change, {"name": "His"}).status_code == 404
    assert bob.client.post(f"{change}/delete").status_code == 404
    assert alice.client.post(f"{change}/delete").status_code == 303
    assert "No view is kept yet" in page(bob, "views")


def test_a_name_that_is_taken_is_told_and_the_list_not_lost(alice: Actor) -> None:
    post(alice, "views/keep", {"name": "Mine", "state": "genre=Horror"})
    again = post(alice, "views/keep", {"name": "mine", "state": "genre=Comedy"})
    assert again.status_code == 422
    assert "You have a view of this name" in again.content.decode()
    assert 'value="genre=Comedy"' in again.content.decode()


def test_a_script_gets_the_list_alone_under_other_filters(alice: Actor) -> None:
    make(alice, "Alien", genres=["Horror"])
    make(alice, "Brazil", genres=["Comedy"])
    part = page(alice, "library?genre=Horror", HX_Request="true")
    assert "<html" not in part
    assert shown_titles(part) == ["Alien"]
    assert "Remove filter: Horror" in part
