"""The trail, the log and undo (L1, L2)."""

import re

from tests.support import everything


def make(actor, title="Night Ferry", **fields):
    answer = actor.post("/media", {"title": title, "media_type": "movie", **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def audit(actor):
    return actor.get(f"/spaces/{actor.space}/audit?limit=200").json()["items"]


def test_every_change_leaves_who_which_request_old_and_new(alice):
    media = make(alice, year=1962)
    alice.patch(f"/media/{media['id']}", {"year": 1963})
    change = next(each for each in audit(alice) if each["table"] == "media" and each["action"] == "update")
    assert change["actor"] == {"id": alice.id, "name": "Alice"}
    assert (change["old"]["year"], change["new"]["year"]) == (1962, 1963)
    assert change["request_id"].startswith("req_")
    assert "title" not in change["new"]


def test_the_trail_is_the_admins_and_activity_the_managers(alice, mary, bob):
    make(alice)
    assert audit(alice)
    for who, trail, log in ((bob, 403, 403), (mary, 403, 200), (alice, 200, 200)):
        assert who.get(f"/spaces/{alice.space}/audit").status_code == trail
        assert who.get(f"/spaces/{alice.space}/activity").status_code == log


def test_undo_of_a_change_gives_the_old_values_and_the_old_words(alice):
    media = make(alice, title="Night Ferry", year=1962)
    alice.patch(f"/media/{media['id']}", {"title": "Day Ferry", "year": 1963})
    change = next(each for each in audit(alice) if each["table"] == "media" and each["action"] == "update")
    assert alice.post(f"/spaces/{alice.space}/audit/{change['id']}/undo").json() == {"undone": 1}
    again = alice.get(f"/media/{media['id']}").json()
    assert {k: v for k, v in again.items() if k != "updated_at"} == {
        k: v for k, v in media.items() if k != "updated_at"
    }
    assert [each["id"] for each in alice.get("/media?q=night").json()["items"]] == [media["id"]]
    assert alice.get("/media?q=day").json()["items"] == []


def test_undo_is_refused_where_something_newer_stands_in_the_way(alice):
    media = make(alice, year=1962)
    alice.patch(f"/media/{media['id']}", {"year": 1963})
    change = next(each for each in audit(alice) if each["table"] == "media" and each["action"] == "update")
    alice.patch(f"/media/{media['id']}", {"year": 1964})
    answer = alice.post(f"/spaces/{alice.space}/audit/{change['id']}/undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "undo.newer")
    assert alice.get(f"/media/{media['id']}").json()["year"] == 1964


def test_undo_of_a_request_brings_a_deleted_item_back_whole(alice):
    media = make(alice, genres=["Mystery"], people=[{"name": "Yves Darrow", "role": "director"}])
    alice.post(f"/media/{media['id']}/variants", {"format": "DVD", "barcode": "0889290029546"})
    before = alice.get(f"/media/{media['id']}").json()
    assert alice.delete(f"/media/{media['id']}").status_code == 204
    request_id = next(each for each in audit(alice) if each["action"] == "delete")["request_id"]
    assert alice.post(f"/spaces/{alice.space}/audit/undo?request_id={request_id}").status_code == 200
    after = alice.get(f"/media/{media['id']}").json()
    assert {k: v for k, v in after.items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }
    assert [m["id"] for m in alice.get("/media?director=Yves%20Darrow").json()["items"]] == [media["id"]]


def test_others_changes_are_undone_by_admins_alone(alice, bob, mary):
    media = make(bob)
    change = next(each for each in audit(alice) if each["table"] == "media")
    assert mary.post(f"/spaces/{alice.space}/audit/{change['id']}/undo").status_code == 403
    assert bob.get(f"/media/{media['id']}").status_code == 200
    assert alice.post(f"/spaces/{alice.space}/audit/{change['id']}/undo").status_code == 200
    assert bob.get(f"/media/{media['id']}").status_code == 404


def test_secrets_never_reach_the_trail(alice):
    alice.patch(
        "/auth/me", {"current_password": "correct horse battery", "password": "another battery staple"}
    )
    rows = everything("select coalesce(old::text, '') || coalesce(new::text, '') from audit_changes")
    assert rows
    assert not any("argon2" in text or "token_hash" in text or "password" in text for (text,) in rows)


def test_failed_requests_are_kept_with_method_path_and_status(alice):
    answer = alice.get("/media/med_00000000000000000000000000")
    assert answer.status_code == 404
    event = alice.get(f"/spaces/{alice.space}/activity?action=request.failed").json()["items"][0]
    assert (event["method"], event["status"]) == ("GET", 404)
    assert event["path"].startswith("/api/media/med_")
    assert event["request_id"] == answer.json()["request_id"]


def test_the_mode_says_which_outcomes_are_kept(alice, settings_with):
    def kept():
        return everything(
            "select count(*) from events where space_id = %s and path is not null", [alice.household.space_id]
        )[0][0]

    for mode, get, post, failed in (
        ("off", 0, 0, 0),
        ("failures", 0, 0, 1),
        ("mutations", 0, 1, 1),
        ("all", 1, 1, 1),
    ):
        with settings_with(AUDIT_LOG_MODE=mode):
            for expected, call in (
                (get, lambda: alice.get("/media")),
                (post, lambda: make(alice)),
                (failed, lambda: alice.get("/media/med_00000000000000000000000000")),
            ):
                before = kept()
                call()
                assert kept() - before == expected, mode


def test_the_activity_page_shows_events_and_changes_with_undo(alice):
    media = make(alice)
    page = alice.client.get(f"/s/{alice.household.slug}/changes")
    assert page.status_code == 200
    assert "Night Ferry" in page.content.decode()
    change = next(each for each in audit(alice) if each["table"] == "media")
    answer = alice.client.post(f"/s/{alice.household.slug}/changes/{change['id']}/undo")
    assert (answer.status_code, alice.get(f"/media/{media['id']}").status_code) == (302, 404)
    assert alice.client.get(f"/s/{alice.household.slug}/activity").status_code == 200


def test_the_trail_shows_typeids_and_one_form_of_time(alice):
    made = alice.post("/media", {"title": "Alien", "media_type": "movie"}).json()
    answer = alice.get(f"/spaces/{alice.space}/audit")
    new = next(each["new"] for each in answer.json()["items"] if each["table"] == "media")
    assert (new["id"], new["space_id"], new["library_id"], new["work_id"], new["added_by"]) == (
        made["id"], alice.space, alice.library, made["work"], alice.id,
    )  # fmt: skip
    assert new["created_at"] == made["created_at"]
    assert not re.search(rb"[0-9a-f]{8}-[0-9a-f]{4}-", answer.content)
    assert b"+00:00" not in answer.content + alice.get("/auth/me").content + alice.get("/spaces").content


def test_the_page_of_changes_tells_a_request_once_and_takes_all_of_it_back(alice):
    media = make(alice, format="DVD", location="Shelf 1")
    page = f"/s/{alice.household.slug}/changes"
    shown = alice.client.get(page).content.decode()
    assert "added the title, added a copy · Night Ferry" in shown
    assert shown.count("Night Ferry") == 1
    undo = re.search(r'action="([^"]+/undo)".*?name="request" value="([^"]+)"', shown)
    assert undo is not None
    assert alice.client.post(undo[1], {"request": undo[2]}).status_code == 302
    assert alice.get(f"/media/{media['id']}").status_code == 404
    assert alice.client.post(undo[1], {"request": "req_\0"}).status_code == 404


def test_activity_tells_in_words_and_leaves_ids_out(alice):
    ids = [make(alice, title)["id"] for title in ("Alien", "Brazil")]
    alice.client.post(
        f"/s/{alice.household.slug}/bulk",
        {"id": ids, "step": "edit", "yes": "yes", "set": "location", "location": "Attic"},
    )
    alice.post("/libraries", {"name": "Cabinet", "limited": True})
    shown = alice.client.get(f"/s/{alice.household.slug}/activity").content.decode()
    assert "titles: 2" in shown
    assert "for chosen members only: yes" in shown
    assert "True" not in shown
