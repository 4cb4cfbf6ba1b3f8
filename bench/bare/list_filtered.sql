-- 50 whole items of one of 20 genres and of ten years, by title. Keys first, along the index of the order, with
-- the genre's links hashed: joining and sorting costs more. `+ 0` keeps a generic plan from the years' index (4 times
-- as dear), `is true` keeps the links from being joined.
\set n random(1, 20)
\set from random(1935, 2010)
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.original_title, m.sort_title, m.year,
  m.release_date, m.overview, m.runtime, m.genres, m.tags, m.people, m.certification, m.rating, m.network,
  m.trailer_url, m.poster, m.backdrop, m.format, m.ownership, m.location, m.notes, m.details, m.signed,
  m.value, m.external_ids, m.source_provider, m.source_external_id, m.import_source, m.added_by,
  m.added_at, m.created_at, m.updated_at, own.*, u.name, m.sort_key
from (
  select m.id from media m
  where m.space_id = :space and m.library_id = :library and m.year_key + 0 >= :from and m.year_key + 0 <= :from + 9
    and (m.id in (select t.media_id from media_terms t where t.space_id = :space and t.library_id = :library
      and t.kind = 'genre' and t.key = (:genres::text[])[:n])) is true
  order by m.sort_key, m.id limit 50
) here join media m on m.id = here.id and m.space_id = :space
left join lateral (
  select e.status, e.rating, e.on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = :person and t.work_id = m.work_id limit 1
) own on true
left join users u on u.id = m.added_by
order by m.sort_key, m.id;
