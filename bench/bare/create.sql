-- A work and its item with 2 genres and 6 people, in one transaction; the triggers keep trail, words and terms.
\set n random(1, 1000000000)
with ids as materialized (select uuid7() as work, uuid7() as item),
new_work as (
  insert into works (id, owner_space, library_id, kind, title, original_title, year, match_key)
  select work, :space::uuid, :additions::uuid, 'movie', 'Title ' || :n, '', 1999, 'title ' || :n from ids
)
insert into media (
  id, space_id, library_id, work_id, work_owner, media_type, title, original_title, sort_title, sort_key,
  match_key, year, year_key, overview, genres, people, certification, rating, network, trailer_url, format,
  ownership, location, notes, details, external_ids, source_provider, source_external_id, import_source,
  added_by, person_fields, import_fields, word_list, terms
)
select item, :space::uuid, :additions::uuid, work, :space::uuid, 'movie', 'Title ' || :n, '', 'Title ' || :n,
  'title ' || lpad(:n::text, 12, '0'), 'title ' || :n, 1999, 1999, :overview::text, '{Drama,Comedy}', :people::jsonb,
  '', 73, '', '', '', 'owned', '', '', '{}', '[]', 'manual', '', '', :person::uuid, '{}', '{}',
  array_append(:words::varchar[], '3' || :n), :terms::jsonb
from ids
returning *;
