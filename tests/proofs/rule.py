"""What is to be said of a route before anything can be proved about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mediatheque.spaces.policy import LEAST_ROLE, RANK

Ids = Mapping[str, str]
Body = Callable[[Ids], Any] | None


@dataclass(frozen=True)
class Rule:
    """`least`: `anyone`, `person` (whoever is signed in), `install` (its administrators), or
    an act of the policy's table.

    `own_act`: what suffices where the thing is one's own. `refers`: places in body (dotted) or query (`?name`) that
    hold an id, with its kind. `whole`: it changes the household itself, which then must be a fresh one.
    `ready`: how the thing must stand for it. `below`: the answer to a role that does not reach it. `status`: the
    answer where the minimal request cannot succeed (a wrong password, an unknown token).
    """

    least: str
    body: Body = None
    own_act: str | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    whole: bool = False
    ready: str = ""
    below: int = 403
    status: int | None = None

    def allows(self, role: str, *, own: bool = False) -> bool:
        """Whether this role of the space may."""
        act = self.own_act if own and self.own_act else self.least
        return act != "install" and (act not in LEAST_ROLE or RANK[role] >= RANK[LEAST_ROLE[act]])
