"""Media items for tests, over the API."""

from typing import Any

from tests.support import Actor


def make(actor: Actor, title: str = "The Matrix", media_type: str = "movie", **fields: Any) -> dict[str, Any]:
    """A media item made over the API."""
    response = actor.post("/media", {"title": title, "media_type": media_type, **fields})
    assert response.status_code == 201, response.content
    made: dict[str, Any] = response.json()
    return made


def titles(actor: Actor, query: str = "") -> list[str]:
    """The titles of a list, in its order."""
    response = actor.get(f"/media{query}")
    assert response.status_code == 200, response.content
    return [each["title"] for each in response.json()["items"]]
