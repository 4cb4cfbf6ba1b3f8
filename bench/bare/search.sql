-- 50 whole items, the best hits first, in which one of 64 words is or begins a word: from the most frequent to the rarest.
\set n random(1, 64)
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.original_title, m.sort_title, m.year,
  m.release_date, m.overview, m.runtime, m.genres, m.tags, m.people, m.certification, m.rating, m.network,
  m.trailer_url, m.poster, m.backdrop, m.format, m.ownership, m.location, m.notes, m.details, m.signed,
  m.value, m.external_ids, m.source_provider, m.source_external_id, m.import_source, m.added_by,
  m.added_at, m.created_at, m.updated_at, own.*, u.name
from (
  select h.media_id, min(h.key) as key from (
    select h.media_id, h.key from unnest('{3,2,1,0}'::smallint[]) w(weight), lateral (
      (select t.media_id, -(w.weight * 3 + 2) as key from media_words t where t.space_id = :space
        and t.library_id = :library and t.weight = w.weight and t.word = (:words::text[])[:n] limit 2000)
      union all
      (select t.media_id, -(w.weight * 3 + 1) from media_words t where t.space_id = :space and t.library_id = :library
        and t.weight = w.weight and t.word > (:words::text[])[:n] and t.word < (:words::text[])[:n] || chr(1114111)
        limit 2000)
    ) h limit 2000
  ) h group by h.media_id order by key, h.media_id limit 50
) here join media m on m.id = here.media_id and m.space_id = :space
left join lateral (
  select e.status, e.rating, e.on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = :person and t.work_id = m.work_id limit 1
) own on true
left join users u on u.id = m.added_by
order by here.key, m.id;
