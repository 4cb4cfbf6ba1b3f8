"""The interface speaks German as well as English (L11)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from babel.messages.catalog import Message
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.intake.support import work
from tests.proofs import routes
from tests.proofs.routes import Route
from tests.proofs.world import World, send

from .reading import english_in, texts_of
from .texts import compiled, gathered, mo_file, translated, untranslated

UNTRANSLATED = ("/styleguide",)  # only builders see it
PAGES = [each for each in routes.page_routes() if each.method == "GET" and each.path not in UNTRANSLATED]
GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
LIBRARY = "Library"  # what the tests' households call theirs
PLACEHOLDER = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def _messages() -> Iterator[Message]:
    yield from (each for each in translated("de") if each.id)


def _forms(texts: str | Sequence[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def test_every_text_is_translated():
    """`bin/texts` takes new ones in and lists them."""
    assert [each.id for each in untranslated("de")] == []


def test_nothing_is_guessed_and_nothing_is_left_over():
    assert [each.id for each in _messages() if each.fuzzy] == []
    assert list(translated("de").obsolete) == []
    header = dict(translated("de").mime_headers)
    assert header["Plural-Forms"] == "nplurals=2; plural=(n != 1);"


def test_placeholders_are_the_same():
    for message in _messages():
        ours = _forms(message.id)
        theirs = _forms(message.string)
        if any(theirs):
            wanted = [sorted(set(PLACEHOLDER.findall(text))) for text in ours]
            assert [sorted(set(PLACEHOLDER.findall(text))) for text in theirs] == wanted, message.id


def test_german_is_german():
    """No formal address, no straight quotation marks, no ASCII spelling of umlauts."""
    for message in _messages():
        for text in _forms(message.string):
            assert not re.search(r"\b(Ihnen|[a-zäöü,] Ihre?[mnrs]?)\b", text), text
            assert '"' not in text, text
            assert "…" in text or "..." not in text, text


def test_compiled_catalogue_is_that_of_the_texts():
    assert mo_file("de").read_bytes() == compiled("de")


def test_reader_finds_english():
    page = '<p>Zuletzt <b>Recently added</b></p><input placeholder="Find a title or a person"><p>Film · Owned</p>'
    assert english_in(page) == ["Recently added", "Find a title or a person", "Owned"]
    assert english_in("<p>“Dune” was added.</p>") == ["“Dune” was added."]
    assert english_in("<p>Zuletzt hinzugefügt</p><script>Owned</script>") == []


@pytest.mark.parametrize("route", PAGES, ids=str)
@pytest.mark.parametrize("who", ["anonymous", "admin"])
def test_page_is_german_throughout(route: Route, who: str, world: World):
    ids = world.own("admin")
    path = route.filled({name: ids.get(route.kind(name), "x") for name in route.parameters})
    answer = send(world.client(who), "GET", path, **world.standing(who, path), **GERMAN)
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    page = answer.content.decode()
    assert answer["Content-Language"] == "de"
    if page.startswith("<!doctype"):
        assert '<html lang="de"' in page
    assert [text for text in english_in(page) if text != LIBRARY] == []


def test_profile_switches_the_language(bob: Any):
    assert '<html lang="en"' in bob.client.get("/me/profile").content.decode()
    answer = bob.client.post("/me/profile", {"name": "Bob", "language": "de"}, follow=True)
    page = answer.content.decode()
    assert '<html lang="de"' in page
    assert "Gespeichert." in texts_of(page)
    # The person's own choice goes before the browser's.
    page = bob.client.get("/me/profile", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="de"' in page


def test_language_nobody_speaks_here_is_english():
    answer = Client().get("/sign-in", headers={"Accept-Language": "fi"})
    assert answer["Content-Language"] == "en"
    assert "Sign in" in texts_of(answer.content.decode())


def test_refusals_of_the_api_are_said_in_german(bob: Any):
    answer = bob.post("/media", {"title": "", "media_type": "movie"}, Accept_Language="de")
    assert (answer.status_code, answer["Content-Language"]) == (422, "de")
    body = answer.json()
    assert body["title"] == "Das entspricht nicht den Regeln."
    assert body["errors"] == [
        {"field": "title", "message": "Das darf nicht leer sein.", "code": "title.invalid"}
    ]
    answer = bob.post("/media", {"media_type": "movie", "colour": 1}, Accept_Language="de")
    messages = {each["field"]: each["message"] for each in answer.json()["errors"]}
    assert messages == {"title": "Dieses Feld fehlt", "colour": "Dieses Feld gibt es hier nicht"}
    assert (
        bob.get("/media/med_unknown", Accept_Language="de").json()["title"]
        == "So einen Datensatz gibt es nicht."
    )
    assert (
        Client().get("/api/media", headers={"Accept-Language": "de"}).json()["detail"]
        == "Melde dich zuerst an."
    )


def test_figures_and_dates_follow_the_language(bob: Any):
    made = bob.post(
        "/media", {"title": "Dune", "media_type": "movie", "rating": 7.8, "release_date": "2021-09-15"}
    )
    address = f"/s/{bob.household.slug}/media/{made.json()['id']}"
    english = texts_of(bob.client.get(address).content.decode())
    german = texts_of(bob.client.get(address, headers={"Accept-Language": "de"}).content.decode())
    assert any("7.8" in text for text in english)
    assert any("7,8" in text for text in german)
    assert any("15 September 2021" in text for text in english)
    assert any("15. September 2021" in text for text in german)


def test_plural_forms_are_right():
    from django.utils.translation import ngettext, override

    with override("de"):
        said = [ngettext("%(n)s library", "%(n)s libraries", n) % {"n": n} for n in (0, 1, 2)]
    assert said == ["0 Bibliotheken", "1 Bibliothek", "2 Bibliotheken"]


def test_gathering_finds_python_and_templates():
    names = {name for message in gathered() for name, _line in message.locations}
    assert any(name.endswith(".py") for name in names)
    assert any(name.endswith(".html") for name in names)


def test_report_of_an_import_is_the_persons_to_read(bob: Any):
    bob.patch("/auth/me", {"preferences": {"language": "de"}})
    file = SimpleUploadedFile("filme.csv", b"Titel;Jahr\nDune;neulich\n;1999\n")
    answer = bob.client.post("/api/media/import-csv", {"file": file, "async": "true"})
    work()
    report = bob.get(f"/sync-jobs/{answer.json()['job_id']}/result").json()["items"]
    said = [each["message"] for row in report for each in row["messages"]]
    assert said == ["„neulich“ ist kein Jahr.", "Die Zeile hat keinen Titel."]
