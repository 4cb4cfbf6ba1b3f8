-- The cards of what was added last in the space's libraries, and the libraries.
select m.id, m.library_id, m.work_id, m.media_type, m.title, m.year, m.rating, m.poster, m.format,
  m.ownership, m.people, m.added_at,
  (select array_agg(row(l.id, l.name, l.description)) from libraries l where l.space_id = :space)
from media m
where m.space_id = :space and m.library_id = :library
order by m.added_at desc, m.id desc limit 12;
