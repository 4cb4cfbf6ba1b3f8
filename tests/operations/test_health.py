"""Health, readiness, metrics (L7)."""

from django.db import connection
from django.test import Client

from tests.support import everything


def test_health_tells_version_commit_and_build_date():
    body = Client().get("/api/health").json()
    assert body["status"] == "ok"
    assert set(body) == {"status", "version", "git_sha", "build_date"}


def test_readiness_with_the_database_down_says_so():
    assert Client().get("/api/ready").json() == {"status": "ready"}
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "no_such_database"
    try:
        answer = Client().get("/api/ready")
        assert answer.status_code == 503
        assert answer.json()["code"] == "database.down"
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def test_metrics_are_not_for_everyone(alice, settings_with):
    assert Client().get("/metrics").status_code == 401
    assert alice.client.get("/metrics").status_code == 403
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    assert b"mediatheque_answers_total" in alice.client.get("/metrics").content
    with settings_with(METRICS_TOKEN="let-me-in"):
        assert Client().get("/metrics", headers={"Authorization": "Bearer let-me-in"}).status_code == 200
        assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
