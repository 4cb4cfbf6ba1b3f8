-- One of the first 20 pages of 50 whole items, and how many there are. `order by id` leads a generic
-- plan to the densest index.
\set n random(0, 19)
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.original_title, m.sort_title, m.year,
  m.release_date, m.overview, m.runtime, m.genres, m.tags, m.people, m.certification, m.rating, m.network,
  m.trailer_url, m.poster, m.backdrop, m.format, m.ownership, m.location, m.notes, m.details, m.signed,
  m.value, m.external_ids, m.source_provider, m.source_external_id, m.import_source, m.added_by,
  m.added_at, m.created_at, m.updated_at, own.*, u.name, m.sort_key,
  (select count(*) from (
    select from media where space_id = :space and library_id = :library order by id offset 0) counted)
from media m
left join lateral (
  select e.status, e.rating, e.on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = :person and t.work_id = m.work_id limit 1
) own on true
left join users u on u.id = m.added_by
where m.space_id = :space and m.library_id = :library
order by m.sort_key, m.id limit 50 offset :n * 50;
