"""Random changes, undone in reverse, give the start: each request's changes as one (L1)."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.test_undo import whole_space
from tests.support import Actor

WORDS = st.sampled_from(["Night Ferry", "Der Fährmann", "夜の渡し船", "x", "Solaris"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": WORDS,
        "year": st.none() | st.integers(1900, 2000),
        "notes": st.none() | WORDS,
        "genres": st.lists(WORDS, max_size=2, unique=True),
        "people": st.lists(st.builds(lambda name: {"name": name, "role": "director"}, WORDS), max_size=2),
        "details": st.just({}) | st.just({"edition": "Second"}),
        "format": WORDS,
        "rating": st.none() | st.integers(0, 10),
        "own": st.fixed_dictionaries({"rating": st.none() | st.integers(1, 10)}),
    },
)
ACTS = ("create", "change", "delete", "variant", "change variant", "delete variant", "season", "metadata")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5), FIELDS), min_size=1, max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_changes_undone_in_reverse_give_the_start(alice: Actor, steps: list[Any]) -> None:
    household = Household(alice)
    start = whole_space(alice)
    requests = [request for act, which, fields in steps if (request := household.take(act, which, fields))]
    for request in reversed(requests):
        answer = alice.post(f"/spaces/{alice.space}/audit/undo?request_id={request}")
        assert answer.status_code in (200, 404), (answer.content, steps)  # 404: it had changed nothing
    assert whole_space(alice) == start


class Household:
    """Takes steps as a person does, on things that are there."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.items: list[str] = []
        self.variants: list[tuple[str, str]] = []

    def take(self, act: str, which: int, fields: dict[str, Any]) -> str | None:
        """The request's id where it changed something."""
        if act == "create":
            body = {"title": "Night Ferry", "media_type": "book", **fields}
            answer = self.actor.post("/media", body)
            if answer.status_code == 201:
                self.items.append(answer.json()["id"])
        elif not self.items:
            return None
        else:
            answer = self._on(self.items[which % len(self.items)], act, which, fields)
        done = answer is not None and answer.status_code < 300
        return str(answer["X-Request-Id"]) if done else None

    def _on(self, item: str, act: str, which: int, fields: dict[str, Any]) -> Any:
        base = f"/media/{item}"
        if act == "change":
            return self.actor.patch(base, fields)
        if act == "delete":
            self.items.remove(item)
            self.variants = [each for each in self.variants if each[0] != item]
            return self.actor.delete(base)
        if act == "variant":
            answer = self.actor.post(f"{base}/variants", {"format": fields.get("title", "DVD")})
            self.variants.append((item, answer.json()["id"]))
            return answer
        if act == "season":
            return self.actor.post(f"{base}/seasons", {"number": which})
        if act == "metadata":
            return self.actor.patch(f"{base}/metadata", {"shop": fields.get("title", "Ferry")})
        if not self.variants:
            return None
        owner, variant = self.variants[which % len(self.variants)]
        if act == "change variant":
            return self.actor.patch(
                f"/media/{owner}/variants/{variant}", {"edition": fields.get("title", "Second")}
            )
        self.variants.remove((owner, variant))
        return self.actor.delete(f"/media/{owner}/variants/{variant}")
