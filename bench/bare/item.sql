-- One whole item of all, with its variants, seasons and metadata.
\set n random(0, :most)
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.original_title, m.sort_title, m.year,
  m.release_date, m.overview, m.runtime, m.genres, m.tags, m.people, m.certification, m.rating, m.network,
  m.trailer_url, m.poster, m.backdrop, m.format, m.ownership, m.location, m.notes, m.details, m.signed,
  m.value, m.external_ids, m.source_provider, m.source_external_id, m.import_source, m.added_by,
  m.added_at, m.created_at, m.updated_at, own.*, u.name,
  array(select row(v.id, v.format, v.edition, v.resolution, v.barcode, v.path, v.location, v.condition,
    v.purchased_on, v.price, v.currency) from variants v where v.media_id = m.id order by v.id),
  array(select row(s.id, s.number, s.title, s.expected_episodes, s.available_episodes, s.is_complete)
    from seasons s where s.media_id = m.id order by s.number),
  array(select row(d.key, d.value) from media_metadata d where d.media_id = m.id order by d.key)
from media m
left join lateral (
  select e.status, e.rating, e.on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = :person and t.work_id = m.work_id limit 1
) own on true
left join users u on u.id = m.added_by
where m.id = ('01980000-0000-7003-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid and m.space_id = :space;
