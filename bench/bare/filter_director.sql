-- The items of one of 64 directors whole, by title.
\set n random(1, 64)
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.original_title, m.sort_title, m.year,
  m.release_date, m.overview, m.runtime, m.genres, m.tags, m.people, m.certification, m.rating, m.network,
  m.trailer_url, m.poster, m.backdrop, m.format, m.ownership, m.location, m.notes, m.details, m.signed,
  m.value, m.external_ids, m.source_provider, m.source_external_id, m.import_source, m.added_by,
  m.added_at, m.created_at, m.updated_at, own.*, u.name, m.sort_key
from media_terms t join media m on m.id = t.media_id and m.space_id = :space
left join lateral (
  select e.status, e.rating, e.on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = :person and t.work_id = m.work_id limit 1
) own on true
left join users u on u.id = m.added_by
where t.space_id = :space and t.library_id = :library and t.kind = 'director'
  and t.key = (:directors::text[])[:n]
order by m.sort_key, m.id limit 50;
