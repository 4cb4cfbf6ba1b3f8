"""The demonstration's titles: imported from tables, some put down by hand, a few copies and keys added."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from mediatheque.catalog import actions as catalog
from mediatheque.catalog import lists, loans, parts, queries
from mediatheque.catalog.filters import Filters
from mediatheque.catalog.walking import Place
from mediatheque.core.db import Row
from mediatheque.intake import actions as intake
from mediatheque.intake import pipeline
from mediatheque.operations.demo.founding import House
from mediatheque.operations.demo.plan import Import, Library, Plan

LONGEST_AGO = 730  # days
LATEST = 2
CONDITIONS = ("very good", "very good", "good", "good", "fair")
NOT_OF_THE_TABLE = ("episodes", "here")  # a series' seasons, made after it
PER_PAGE = 200


def fill_shelves(house: House, plan: Plan, random: Random, today: date) -> None:
    """Every title of the plan, with its seasons, further copies and keys."""
    for each in plan.imports:
        _import(house, plan, each, random, today)
    for each in plan.imports:
        if each.media_type == "tv_series":
            _add_seasons(house, each)
    for addition in plan.additions:
        with house.acting(addition["by"]) as scope:
            catalog.create_media(
                scope, {**addition["media"], "library": house.libraries[addition["library"]]}
            )
    _add_parts(house, plan)
    _lend(house, plan, today)


def titles_of(house: House, name: str) -> list[Row]:
    """Every title that is open to one of the people, library by library, by title."""
    found: list[Row] = []
    with house.acting(name) as scope:
        for library in house.libraries.values():
            if library not in scope.library_ids:
                continue
            page = 1
            while rows := lists.media_list(
                scope, [library], Filters(), Place(limit=PER_PAGE, page=page)
            ).rows:
                found += rows
                page += 1
    return found


def _import(house: House, plan: Plan, each: Import, random: Random, today: date) -> None:
    library = next(library for library in plan.libraries if library.name == each.library)
    zone = ZoneInfo(plan.time_zone)
    rows = [_row(title, each, library, plan.prices, random, today, zone) for title in each.titles()]
    columns = {"columns": {name: name for name in rows[0]}, "dates": "YMD"}
    with house.acting(each.by) as scope:
        job_id = intake.accept_import(scope, house.libraries[each.library], _table(rows), each.file, columns)
    pipeline.run(job_id, pipeline.scopes_of(job_id, house.space_id, house.people[each.by]))


def _row(
    title: Mapping[str, str],
    each: Import,
    library: Library,
    prices: Mapping[str, float],
    random: Random,
    today: date,
    zone: ZoneInfo,
) -> dict[str, str]:
    """The title as a line of the imported table, with what only this household knows of it."""
    added = today - timedelta(days=random.randint(LATEST, LONGEST_AGO))
    evening = datetime.combine(added, time(random.randint(17, 22), random.randint(0, 59)), zone)
    row = {name: text for name, text in title.items() if name not in NOT_OF_THE_TABLE}
    row |= {"media_type": each.media_type, "added_at": evening.isoformat()}
    row |= dict.fromkeys(("location", "condition", "purchased_on", "price", "currency"), "")
    price = prices.get(title["format"])
    if price is not None and not title["ownership"]:
        bought = added - timedelta(days=random.randint(0, 20))
        row |= {
            "location": random.choice(library.places),
            "condition": random.choice(CONDITIONS),
            "purchased_on": bought.isoformat(),
            "price": f"{price * random.choice((0.5, 0.8, 1, 1)):.2f}",
            "currency": "EUR",
        }
    return row


def _table(rows: list[dict[str, str]]) -> io.BytesIO:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def _add_seasons(house: House, each: Import) -> None:
    """What there is of each series, and what of it stands here."""
    by_title = {row["title"]: row["id"] for row in titles_of(house, each.by)}
    with house.acting(each.by) as scope:
        for title in each.titles():
            here = [int(count) for count in title["here"].split()]
            for number, count in enumerate(title["episodes"].split(), 1):
                owned = not title["ownership"] and (not here or number <= len(here))
                season = {"number": number, "expected_episodes": int(count)}
                season["available_episodes"] = int(count) if owned else 0
                parts.create_season(scope, by_title[title["title"]], season)


def _add_parts(house: House, plan: Plan) -> None:
    founder = plan.people[0].name
    by_title: dict[str, UUID] = {row["title"]: row["id"] for row in titles_of(house, founder)}
    with house.acting(founder) as scope:
        for copy in plan.copies:
            parts.create_variant(scope, by_title[copy["title"]], copy["variant"])
        for keys in plan.metadata:
            values: dict[str, Any] = keys["values"]
            parts.set_metadata(scope, by_title[keys["title"]], values, whole=False)


def _lend(house: House, plan: Plan, today: date) -> None:
    """The first copy of each goes out, and some have come back."""
    founder = plan.people[0].name
    by_title: dict[str, UUID] = {row["title"]: row["id"] for row in titles_of(house, founder)}
    with house.acting(founder) as scope:
        for loan in plan.loans:
            media_id = by_title[loan["title"]]
            copy_id = queries.variants(scope, media_id)[0]["id"]
            given = {"to": loan["to"], "since": (today - timedelta(days=loan["days_ago"])).isoformat()}
            if "due_in" in loan:
                given["due"] = (today + timedelta(days=loan["due_in"])).isoformat()
            loans.lend(scope, media_id, copy_id, given)
            if "back_days_ago" in loan:
                back = today - timedelta(days=loan["back_days_ago"])
                loans.take_back(scope, media_id, copy_id, {"back": back.isoformat()})
