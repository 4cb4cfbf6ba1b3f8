"""What a person is in the middle of, or means to see next, among the titles of a space (W1)."""

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.scope import Scope

from .lists import CARD_COLUMNS
from .queries import own_entries_of

NEWEST_ENTRIES = 200


def underway(scope: Scope, *, limit: int) -> list[Row]:
    """Begun titles, then those that are only on the watchlist, what was touched last in front; rows for cards.

    One of the person's newest entries may belong to a title of another space: it is passed over. Episodes
    share the work of their series, which stands for them.
    """
    names = ", ".join(f"m.{name}" for name in CARD_COLUMNS)
    return db.rows(
        f"select {names}, e.status as own_status, e.rating as own_rating, true as own_on_watchlist from ("
        "select id, user_id, status, rating, updated_at from entries where user_id = %s "
        "and (status = 'watching' or status = 'not_watched' and on_watchlist) "
        "order by (status = 'watching') desc, updated_at desc limit %s) e "
        "join entry_works t on t.user_id = e.user_id and t.entry_id = e.id "
        f"join lateral (select {names} from media m where m.space_id = %s and m.library_id = any(%s) "
        "and m.work_id = t.work_id order by (m.media_type = 'tv_episode'), m.id limit 1) m on true "
        "order by (e.status = 'watching') desc, e.updated_at desc limit %s",
        [own_entries_of(scope), NEWEST_ENTRIES, scope.space_id, list(scope.library_ids), limit],
        prepared=True,
    )
