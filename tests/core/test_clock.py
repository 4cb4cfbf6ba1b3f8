"""One form of time, whoever wrote it."""

from mediatheque.core import clock


def test_a_time_of_the_database_is_written_as_every_answer_writes_it():
    assert clock.written("2026-11-21T16:01:27.04028+00:00") == "2026-11-21T16:01:27.040280Z"
    assert clock.written("2026-11-21T16:01:27.1+00:00") == "2026-11-21T16:01:27.100000Z"
    assert clock.written("2026-11-21T16:01:27+00:00") == "2026-11-21T16:01:27Z"
    assert clock.written("2026-11-21") == "2026-11-21"
    assert clock.written(None) is None
