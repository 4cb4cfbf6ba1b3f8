"""What is computed from an item's fields, and who set them (C3, C4, I3)."""

import time

from django.db import connection

from mediatheque.catalog import actions, queries
from mediatheque.catalog.derive import derivation, derive, is_derived
from mediatheque.core import db
from mediatheque.core.ids import read_id
from mediatheque.core.scope import of_person, writing_as
from tests.catalog.making import make
from tests.support import Actor, everything

FELLOWSHIP = {
    "title": "The Lord of the Rings",
    "original_title": "Der Herr der Ringe",
    "year": 2001,
    "genres": ["Fantasy", "FANTASY", "Adventure"],
    "people": [{"name": "Peter Jackson", "role": "director"}, {"name": "Ian Lord", "role": "actor"}],
    "external_ids": [{"provider": "tmdb", "kind": "movie", "id": "120"}],
}


def test_derived_columns_come_from_the_fields() -> None:
    assert derive(FELLOWSHIP, "en") == {
        "sort_title": "Lord of the Rings",
        "sort_key": "lord of the rings",
        "match_key": "the lord of the rings",
        "year_key": 2001,
        "derived": derivation(),
        "word_list": ["3the", "3lord", "3of", "3rings", "2der", "2herr", "2ringe", "1peter", "1jackson", "1ian"],
        "terms": [
            ["genre", "fantasy", "Fantasy"], ["genre", "adventure", "Adventure"],
            ["director", "peter jackson", "Peter Jackson"], ["actor", "ian lord", "Ian Lord"],
            ["id:tmdb:movie", "120", "120"],
        ],
    }  # fmt: skip


def test_given_sort_title_is_taken_as_it_is() -> None:
    found = derive({"title": "The Matrix", "sort_title": "The Matrix 1"}, "en")
    assert (found["sort_title"], found["sort_key"]) == ("The Matrix 1", "the matrix 0000000001")
    assert is_derived("Matrix", "The Matrix")
    assert not is_derived("The Matrix 1", "The Matrix")


def test_no_title_has_more_words_than_the_index_takes() -> None:
    found = derive(
        {"title": " ".join(f"w{n}" for n in range(500)), "people": [{"name": "x" * 200, "role": "actor"}]},
        None,
    )
    assert len(found["word_list"]) == 60
    assert max(len(word) for word in found["word_list"]) <= 91


def test_deriving_is_quick_enough_for_bulk() -> None:
    many = FELLOWSHIP | {"people": [{"name": f"Person Number{n}", "role": "actor"} for n in range(8)]}
    quickest = min(_seconds(many) for _ in range(5))
    assert quickest < 200e-6  # 35 µs on a quiet machine


def _seconds(fields: dict[str, object]) -> float:
    started = time.process_time()
    for _ in range(200):
        derive(fields, "en")
    return (time.process_time() - started) / 200


def test_database_keeps_words_and_terms(alice: Actor) -> None:
    item = make(alice, **{k: v for k, v in FELLOWSHIP.items() if k != "title"}, title="The Lord of the Rings")
    assert _words(alice) == {("the", 3), ("lord", 3), ("of", 3), ("rings", 3), ("der", 2), ("herr", 2), ("ringe", 2),
                             ("peter", 1), ("jackson", 1), ("ian", 1)}  # fmt: skip
    alice.patch(
        f"/media/{item['id']}", {"title": "Ring", "original_title": "", "people": [], "genres": ["Horror"]}
    )
    assert _words(alice) == {("ring", 3)}
    terms = everything("select kind, key from media_terms where space_id = %s", [alice.household.space_id])
    assert set(terms) == {("genre", "horror"), ("id:tmdb:movie", "120")}


def _words(actor: Actor) -> set[tuple[str, int]]:
    space = [actor.household.space_id]
    return set(everything("select word, weight from media_words where space_id = %s", space))  # type: ignore[arg-type]


def test_person_goes_before_import_and_import_before_provider(alice: Actor) -> None:
    item = make(alice, "Alien", year=1979, notes="mine")
    media_id = read_id("media", item["id"])
    alice.patch(f"/media/{item['id']}", {"notes": None})  # clearing counts
    space = alice.household.space_id
    with of_person(alice.user_id, space=space, request_id="test") as scope:
        with writing_as("import"):
            actions.update_media(scope, media_id, {"year": 1980, "notes": "theirs", "runtime": 117})
        with writing_as("provider"):
            actions.update_media(scope, media_id, {"year": 1981, "runtime": 118, "overview": "In space"})
        row = queries.media(scope, media_id)
        kept = db.row("select person_fields, import_fields from media where id = %s", [media_id])
    assert (row["year"], row["notes"], row["runtime"], row["overview"]) == (1979, "", 117, "In space")
    assert kept is not None
    assert {"title", "media_type", "year", "notes"} <= set(kept["person_fields"])
    assert kept["import_fields"] == ["runtime"]
    connection.close()


def test_refused_title_of_an_import_leaves_its_keys_alone(alice: Actor) -> None:
    item = make(alice, "Alien")
    media_id = read_id("media", item["id"])
    with (
        of_person(alice.user_id, space=alice.household.space_id, request_id="test") as scope,
        writing_as("import"),
    ):
        actions.update_media(scope, media_id, {"title": "Zombie", "year": 1979})
    after = alice.get(f"/media/{item['id']}").json()
    assert (after["title"], after["sort_title"], after["year"]) == ("Alien", "Alien", 1979)
    assert _words(alice) == {("alien", 3)}
    assert everything("select title, year from works where id = %s", [read_id("work", item["work"])]) == [
        ("Alien", 1979)
    ]
