"""S2: a template sets default type and columns; the columns are those of the library's table."""

import pytest

from mediatheque.catalog import bar
from mediatheque.spaces import rules
from tests.catalog.making import make


def test_the_known_columns_are_those_of_the_table():
    assert ("title", *rules.COLUMNS) == tuple(name for name, *_ in bar.COLUMNS)
    assert set(rules.COLUMNS_OF_TEMPLATES) == set(rules.TEMPLATES)
    assert all(set(each) <= set(rules.COLUMNS) for each in rules.COLUMNS_OF_TEMPLATES.values())


@pytest.mark.parametrize("template", sorted(rules.TEMPLATES))
def test_a_template_sets_default_type_and_columns(alice, template):
    made = alice.post("/libraries", {"name": "Room", "template": template}).json()
    assert (made["template"], made["default_type"]) == (template, rules.TEMPLATES[template])
    assert made["columns"] == list(rules.COLUMNS_OF_TEMPLATES[template])
    form = alice.client.get(f"/s/{alice.household.slug}/library/{made['id']}/add").content.decode()
    assert f'value="{made["default_type"]}" selected' in form


def test_columns_are_chosen_and_shown_in_their_order(alice):
    library = alice.post("/libraries", {"name": "Room", "template": "films"}).json()["id"]
    answer = alice.patch(f"/libraries/{library}", {"columns": ["location", "year"]})
    assert answer.json()["columns"] == ["location", "year"]
    make(alice, "Solaris", library=library, location="Shelf 4", year=1972, format="DVD")
    page = alice.client.get(f"/s/{alice.household.slug}/library/{library}?view=table").content.decode()
    head = page[page.index("<thead") : page.index("</thead")]
    assert head.index("Place") < head.index("Year")
    assert "Format" not in head
    body = page[page.index("<tbody") : page.index("</tbody")]
    assert body.index("Shelf 4") < body.index("1972</td>")
    assert alice.patch(f"/libraries/{library}", {"columns": []}).json()["columns"] == []
    page = alice.client.get(f"/s/{alice.household.slug}/library/{library}?view=table").content.decode()
    assert "Format" in page[page.index("<thead") : page.index("</thead")]


@pytest.mark.parametrize("columns", [["price"], ["year", "year"], "year", [None]])
def test_unknown_columns_are_refused_at_their_field(alice, columns):
    answer = alice.patch(f"/libraries/{alice.library}", {"columns": columns})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("columns")
    assert alice.get(f"/libraries/{alice.library}").json()["columns"] == []


def test_the_settings_page_chooses_columns(alice):
    library = alice.post("/libraries", {"name": "Room"}).json()["id"]
    path = f"/s/{alice.household.slug}/libraries/{library}"
    page = alice.client.get(path).content.decode()
    assert page.count('name="columns"') == page.count('name="columns" value') == len(rules.COLUMNS)
    sent = {"name": "Room", "default_type": "movie", "with_columns": "yes", "columns": ["year", "rating"]}
    assert alice.client.post(path, sent).status_code == 303
    assert alice.get(f"/libraries/{library}").json()["columns"] == ["year", "rating"]
    assert alice.client.post(path, sent | {"columns": ["price"]}).status_code == 422
