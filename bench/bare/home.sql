-- The 12 cards that were added last in the space's libraries, with the person's own entry, and the libraries.
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.year, m.rating, m.poster, m.format,
  m.ownership, m.people, m.location, m.added_at, own.*,
  (select array_agg(row(l.id, l.name, l.description)) from libraries l where l.space_id = :space)
from media m
left join lateral (
  select e.status, e.rating, e.on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = :person and t.work_id = m.work_id limit 1
) own on true
where m.space_id = :space and m.library_id = :library
order by m.added_at desc, m.id desc limit 12;
