-- What the rows of a file become, set by set: items that the library has not, their works, first variants,
-- the marks by which a second run knows them, and the report.
create temporary table given (
  number int, space uuid, library uuid, person uuid, title text, sort_title text, sort_key text, match_key text,
  year int, overview text, runtime int, genres varchar[], people jsonb, rating smallint, format text,
  location text, word_list varchar[], terms jsonb
) on commit drop;
create temporary table fresh on commit drop as
  select g.*, uuid7() as item, uuid7() as work from given g
  where not exists (select from media m where m.space_id = g.space and m.library_id = g.library
    and m.match_key = g.match_key and m.year = g.year and m.media_type = 'movie');
insert into works (id, owner_space, library_id, kind, title, original_title, year, match_key)
  select work, space, library, 'movie', title, '', year, match_key from fresh;
insert into media (
  id, space_id, library_id, work_id, work_owner, media_type, title, original_title, sort_title, sort_key,
  match_key, year, year_key, overview, runtime, genres, people, certification, rating, network, trailer_url,
  format, ownership, location, notes, details, external_ids, source_provider, source_external_id,
  import_source, added_by, person_fields, import_fields, word_list, terms)
  select item, space, library, work, space, 'movie', title, '', sort_title, sort_key, match_key, year, year,
    overview, runtime, genres, people, '', rating, '', '', format, 'owned', location, '', '{}', '[]', 'csv', '',
    '', person, '{}', '{}', word_list, terms from fresh;
insert into variants (id, space_id, library_id, media_id, format, edition, resolution, barcode, path, location,
    condition, currency)
  select uuid7(), space, library, item, format, '', '', '', '', location, '', '' from fresh;
insert into fingerprints (space_id, library_id, source, fingerprint, media_id)
  select space, library, 'bare', sha256(number::text::bytea), item from fresh;
with job as (
  insert into sync_jobs (id, space_id, library_id, user_id, provider, file_name, options, status, rows_done,
    created, updated, skipped, failed, notices, attempts)
  select uuid7(), space, library, person, 'bare', '', '{}', 'succeeded', count(*), count(*), 0, 0, 0, '[]', 1
  from fresh group by space, library, person returning id
)
insert into report_rows (space_id, library_id, job_id, row, outcome, title, media_id, needs_review, messages)
  select f.space, f.library, job.id, f.number, 'created', f.title, f.item, false, '[]' from fresh f, job;
