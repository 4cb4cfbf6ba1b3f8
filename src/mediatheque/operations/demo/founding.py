"""People and places of the demonstration household: registering, inviting, libraries."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from mediatheque.core import scope as scopes
from mediatheque.core.scope import Scope
from mediatheque.operations.demo.plan import Library, Person, Plan
from mediatheque.people import actions as people_actions
from mediatheque.people import queries as people_queries
from mediatheque.people.door import Visit
from mediatheque.spaces import actions as space_actions
from mediatheque.spaces import joining, shelves

REQUEST = "demo"
VISIT = Visit("127.0.0.1", "", REQUEST)


class LivedIn(Exception):
    """Somebody has registered in this install: it is left as it is."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody has registered in this install already, so it was left as it is. The demonstration needs "
            "an empty one: serve without --demo, or name another data directory with --data."
        )


@dataclass(frozen=True, slots=True)
class House:
    """The household as it comes about: its space, its people with sign-in, its libraries, each by name."""

    space_id: UUID
    people: dict[str, UUID]
    libraries: dict[str, UUID]

    @contextmanager
    def acting(self, name: str) -> Iterator[Scope]:
        """A scope of one of the people."""
        with scopes.of_person(
            self.people[name], space=self.space_id, request_id=REQUEST, via="command"
        ) as scope:
            yield scope


def found_house(plan: Plan, password: str) -> House:
    """People and libraries as the plan says. Raises LivedIn."""
    if people_queries.anyone_registered():
        raise LivedIn
    founder = plan.people[0]
    scope = _register(founder, password, None)
    if scope.user.role != "admin":  # somebody was quicker
        raise LivedIn
    house = House(scope.space_id, {founder.name: scope.user_id}, {})
    with house.acting(founder.name) as scope:
        space_actions.change_space(
            scope, space_actions.SpaceChanges(name=plan.name, time_zone=plan.time_zone)
        )
    for person in plan.people[1:]:
        _take_in(house, founder, person, password)
    for person in plan.people:
        _settle(house, person)
    _make_libraries(house, founder, plan.libraries)
    with house.acting(founder.name) as scope:
        for invitation in plan.invitations:
            joining.invite(scope, email=invitation["email"], role=invitation["role"])
    return house


def _register(person: Person, password: str, invitation: str | None) -> Scope:
    """An account, signed out again; the scope it had."""
    key = joining.register(
        email=person.email, password=password, name=person.name, invitation=invitation, visit=VISIT
    )
    with scopes.nobody(REQUEST):
        scope = scopes.of_session(key, space=None, request_id=REQUEST)
        assert scope is not None
        people_actions.end_sessions(scope, all_of_them=True)
    return scope


def _take_in(house: House, founder: Person, person: Person, password: str) -> None:
    with house.acting(founder.name) as scope:
        if not person.email:
            space_actions.keep_person(scope, person.name)
            return
        _, token = joining.invite(scope, email=person.email, role=person.role)
    house.people[person.name] = _register(person, password, token).user_id


def _settle(house: House, person: Person) -> None:
    if person.email and (person.bio or person.preferences):
        with house.acting(person.name) as scope:
            people_actions.change_profile(
                scope, name=None, bio=person.bio, preferences=person.preferences or {}
            )


def _make_libraries(house: House, founder: Person, libraries: tuple[Library, ...]) -> None:
    for number, library in enumerate(libraries):
        with house.acting(founder.name) as scope:
            if number == 0:
                default = scope.space.default_library
                assert default is not None
                shelves.change_library(scope, default, {"name": library.name})
                house.libraries[library.name] = default
                continue
            made = shelves.create_library(
                scope, name=library.name, description=library.description, template=library.template,
                limited=bool(library.admits), members=[house.people[name] for name in library.admits],
            )  # fmt: skip
            house.libraries[library.name] = made["id"]
