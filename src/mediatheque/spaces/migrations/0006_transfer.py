"""A library moves to another space with everything under it (S2): one look beforehand, one move.

Ids stay. A work of the space goes along when no other library's item is of it, else the library takes a copy.
What refers to people who are not in the other space, and to other libraries, is cut and told. The trail, and the
jobs that filled the library, stay behind. Tables are moved set by set, their keys checked at the end: cascades
alone would take them row by row.
"""

from django.db import migrations

from mediatheque.core.schema import ACTIVE_SPACE as HERE
from mediatheque.core.schema import OPEN_LIBRARIES, OWN_SPACES, gate_function

# Old installs have keys that cannot wait yet.
PATIENT_KEYS = """
DO $keys$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
    WHERE contype = 'f' AND NOT condeferrable AND cardinality(conkey) > 1
      AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'procrastinate%' LOOP
    EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY IMMEDIATE', each.place, each.conname);
  END LOOP;
END $keys$
"""

# Raises what forbids the move; holds spaces (roles wait) and library (whatever is added to it waits).
CHECK_TRANSFER = f"""
DECLARE
  kept libraries%ROWTYPE;
BEGIN
  PERFORM FROM spaces WHERE id IN ({HERE}, p_to) ORDER BY id FOR NO KEY UPDATE;
  SELECT * INTO kept FROM libraries WHERE id = p_library AND space_id = {HERE} FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF role_in(p_to) IS NULL OR NOT coalesce(p_to = {OWN_SPACES}, false) THEN
    RAISE EXCEPTION 'space.unknown' USING ERRCODE = 'MT404';
  ELSIF role_in(p_to) <> 'admin' THEN
    RAISE EXCEPTION 'space.not_admin' USING ERRCODE = 'MT403';
  ELSIF p_to = {HERE} THEN
    RAISE EXCEPTION 'space.same' USING ERRCODE = 'MT409';
  ELSIF EXISTS (SELECT FROM spaces WHERE id = p_to AND archived_at IS NOT NULL) THEN
    RAISE EXCEPTION 'space.archived' USING ERRCODE = 'MT409';
  ELSIF kept.is_default THEN
    RAISE EXCEPTION 'library.default' USING ERRCODE = 'MT409';
  ELSIF EXISTS (SELECT FROM sync_jobs WHERE library_id = p_library AND status IN ('idle', 'running')) THEN
    RAISE EXCEPTION 'library.importing' USING ERRCODE = 'MT409';
  END IF;
END
"""

# The space's own works that items of this library and of another one share.
SHARED_WORKS = f"""
  SELECT w.id FROM works w WHERE w.owner_space = {HERE}
    AND (w.library_id = p_library OR EXISTS (SELECT FROM media m WHERE m.work_id = w.id AND m.library_id = p_library))
    AND EXISTS (SELECT FROM media m WHERE m.work_id = w.id AND m.library_id <> p_library)
"""

OF_OTHERS = "NOT EXISTS (SELECT FROM memberships n WHERE n.space_id = p_to AND n.user_id = {person})"

CONTENTS = f"""
  SELECT jsonb_build_object(
    'media', (SELECT count(*) FROM media WHERE library_id = p_library),
    'variants', (SELECT count(*) FROM variants WHERE library_id = p_library),
    'seasons', (SELECT count(*) FROM seasons WHERE library_id = p_library),
    'covers', (SELECT count(*) FROM media WHERE library_id = p_library AND poster IS NOT NULL)
  ) FROM libraries l WHERE l.id = p_library AND l.space_id = {HERE} AND l.id = {OPEN_LIBRARIES}
"""

LOOK = f"""
DECLARE
  moved jsonb;
  cut jsonb;
BEGIN
  PERFORM check_transfer(p_library, p_to);
  moved := library_contents(p_library);
  SELECT coalesce(jsonb_agg(found.what ORDER BY found.place, found.named, found.id), '[]') INTO cut FROM (
    SELECT 1 AS place, m.title AS named, m.id, jsonb_build_object('kind', 'work', 'media', m.id, 'title', m.title,
      'with', jsonb_build_object('media', o.id, 'title', o.title, 'library', o.library_id, 'name', l.name)) AS what
    FROM media m JOIN media o ON o.work_id = m.work_id AND o.space_id = m.space_id AND o.library_id <> m.library_id
    JOIN libraries l ON l.id = o.library_id
    WHERE m.library_id = p_library AND m.work_owner = {HERE}
    UNION ALL
    SELECT 2, u.name, u.id, jsonb_build_object('kind', 'added_by', 'user', u.id, 'name', u.name, 'media', count(*))
    FROM media m JOIN users u ON u.id = m.added_by
    WHERE m.library_id = p_library AND {OF_OTHERS.format(person="u.id")} GROUP BY u.id, u.name
    UNION ALL
    SELECT 3, u.name, u.id, jsonb_build_object('kind', 'member', 'user', u.id, 'name', u.name)
    FROM library_members a JOIN users u ON u.id = a.user_id
    WHERE a.library_id = p_library AND {OF_OTHERS.format(person="u.id")}
    UNION ALL
    SELECT 4, j.file_name, j.id, jsonb_build_object('kind', 'job', 'job', j.id, 'name', j.file_name)
    FROM sync_jobs j WHERE j.library_id = p_library
  ) AS found;
  RETURN jsonb_build_object('moved', moved, 'cut', cut);
END
"""

# Tables that hang on the library's items or on the library itself, whichever room they are of.
TRANSFER = f"""
DECLARE
  source constant uuid := {HERE};
  answer jsonb := look_at_transfer(p_library, p_to);
  writer text := current_setting('app.writer', true);
  shared uuid[] := ARRAY(SELECT * FROM shared_works(p_library));
  copies uuid[] := ARRAY(SELECT uuid7() FROM unnest(shared));
  moved uuid[];
  home uuid;
  place regclass;
BEGIN
  SET CONSTRAINTS ALL DEFERRED;
  PERFORM set_config('app.writer', '', true);
  moved := ARRAY(SELECT DISTINCT work_id FROM media WHERE library_id = p_library AND work_owner = source
                 UNION SELECT id FROM works WHERE owner_space = source AND library_id = p_library
                 EXCEPT SELECT unnest(shared));

  -- What stays behind: jobs, under the default library, unless that would open a limited one's to everybody.
  SELECT id INTO home FROM libraries WHERE space_id = source AND is_default
    AND NOT (SELECT limited FROM libraries WHERE id = p_library);
  IF home IS NULL THEN
    DELETE FROM file_references WHERE record_id IN (SELECT id FROM sync_jobs WHERE library_id = p_library);
    DELETE FROM sync_jobs WHERE library_id = p_library;
  ELSE
    UPDATE file_references SET library_id = home
      WHERE record_id IN (SELECT id FROM sync_jobs WHERE library_id = p_library);
    UPDATE report_rows SET library_id = home WHERE library_id = p_library;
    UPDATE sync_jobs SET library_id = home WHERE library_id = p_library;
  END IF;

  -- Works: copied where another library's items are of them, else taken along.
  UPDATE works w SET library_id = (SELECT m.library_id FROM media m WHERE m.work_id = w.id AND m.library_id <> p_library
                                   ORDER BY m.id LIMIT 1)
    WHERE w.id = ANY (shared) AND w.library_id = p_library;
  INSERT INTO works (id, owner_space, library_id, kind, title, original_title, year, match_key, provider,
                     provider_kind, provider_id, fetched_at)
    SELECT c.copy, p_to, p_library, w.kind, w.title, w.original_title, w.year, w.match_key, w.provider,
           w.provider_kind, w.provider_id, w.fetched_at
    FROM unnest(shared, copies) AS c (work, copy) JOIN works w ON w.id = c.work;
  INSERT INTO work_texts (id, work_id, work_owner, language, title, overview, poster)
    SELECT uuid7(), c.copy, p_to, t.language, t.title, t.overview, t.poster
    FROM unnest(shared, copies) AS c (work, copy) JOIN work_texts t ON t.work_id = c.work;
  INSERT INTO work_certifications (id, work_id, work_owner, country, certification)
    SELECT uuid7(), c.copy, p_to, t.country, t.certification
    FROM unnest(shared, copies) AS c (work, copy) JOIN work_certifications t ON t.work_id = c.work;
  INSERT INTO work_seasons (id, work_id, work_owner, number, title, air_date, episode_count)
    SELECT uuid7(), c.copy, p_to, t.number, t.title, t.air_date, t.episode_count
    FROM unnest(shared, copies) AS c (work, copy) JOIN work_seasons t ON t.work_id = c.work;
  INSERT INTO work_episodes (id, work_id, work_owner, season, number, title, air_date, runtime)
    SELECT uuid7(), c.copy, p_to, t.season, t.number, t.title, t.air_date, t.runtime
    FROM unnest(shared, copies) AS c (work, copy) JOIN work_episodes t ON t.work_id = c.work;
  -- Entries: those of people who are in the other space stay tied, and are tied to the copies as well.
  DELETE FROM entry_works e WHERE e.work_id = ANY (moved) AND {OF_OTHERS.format(person="e.user_id")};
  INSERT INTO entry_works (id, user_id, entry_id, work_id, work_owner)
    SELECT uuid7(), e.user_id, e.entry_id, c.copy, p_to
    FROM unnest(shared, copies) AS c (work, copy) JOIN entry_works e ON e.work_id = c.work
    WHERE NOT {OF_OTHERS.format(person="e.user_id")};
  FOR place IN SELECT DISTINCT conrelid::regclass FROM pg_constraint
      WHERE contype = 'f' AND confrelid = 'works'::regclass AND conrelid <> 'media'::regclass LOOP
    EXECUTE format('UPDATE %s SET work_owner = $1 WHERE work_id = ANY ($2)', place) USING p_to, moved;
  END LOOP;
  UPDATE works SET owner_space = p_to, library_id = p_library,
    merged_into = CASE WHEN merged_into = ANY (moved) THEN merged_into END WHERE id = ANY (moved);

  -- Everything that hangs on the items, then the items, then the library.
  FOR place IN SELECT DISTINCT conrelid::regclass FROM pg_constraint
      WHERE contype = 'f' AND confrelid IN ('media'::regclass, 'libraries'::regclass) AND cardinality(conkey) > 1
        AND conrelid <> ALL (ARRAY['media', 'works', 'sync_jobs', 'library_members']::regclass[]) LOOP
    EXECUTE format('UPDATE %s SET space_id = $1 WHERE space_id = $2 AND library_id = $3', place)
      USING p_to, source, p_library;
  END LOOP;
  UPDATE file_references SET space_id = p_to WHERE space_id = source AND library_id = p_library;
  UPDATE media m SET space_id = p_to,
    work_owner = CASE WHEN m.work_owner = source THEN p_to ELSE m.work_owner END,
    work_id = coalesce((SELECT c.copy FROM unnest(shared, copies) AS c (work, copy) WHERE c.work = m.work_id), m.work_id),
    added_by = (SELECT n.user_id FROM memberships n WHERE n.space_id = p_to AND n.user_id = m.added_by)
    WHERE m.space_id = source AND m.library_id = p_library;
  DELETE FROM library_members a WHERE a.library_id = p_library AND {OF_OTHERS.format(person="a.user_id")};
  UPDATE library_members SET space_id = p_to WHERE library_id = p_library;
  UPDATE libraries SET space_id = p_to,
    created_by = (SELECT n.user_id FROM memberships n WHERE n.space_id = p_to AND n.user_id = libraries.created_by)
    WHERE id = p_library;
  SET CONSTRAINTS ALL IMMEDIATE;
  PERFORM set_config('app.writer', coalesce(writer, ''), true);
  RETURN answer;
END
"""


class Migration(migrations.Migration):
    dependencies = [
        ("spaces", "0005_invitations_to_the_install"),
        ("catalog", "0003_room_for_long_fields"),
        ("intake", "0002_row_security"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(PATIENT_KEYS, migrations.RunSQL.noop),
        gate_function("check_transfer(p_library uuid, p_to uuid)", "void", CHECK_TRANSFER, arguments="uuid, uuid"),
        gate_function(
            "shared_works(p_library uuid)", "SETOF uuid", SHARED_WORKS, arguments="uuid", language="sql",
            volatile="STABLE",
        ),
        gate_function(
            "library_contents(p_library uuid)", "jsonb", CONTENTS, arguments="uuid", language="sql",
            volatile="STABLE",
        ),
        gate_function("look_at_transfer(p_library uuid, p_to uuid)", "jsonb", LOOK, arguments="uuid, uuid"),
        gate_function("transfer_library(p_library uuid, p_to uuid)", "jsonb", TRANSFER, arguments="uuid, uuid"),
    ]  # fmt: skip
