"""P1, P9: invitations are made by role, claimed exactly once, and land in the inviting space."""

import json
import threading

import pytest
from django.db import connection
from django.test import Client, override_settings

from tests.people.test_registering import register
from tests.support import everything, make_household


def invite(actor, email: str, **more):
    return actor.post(f"/spaces/{actor.space}/invitations", {"email": email, **more})


def token_for(actor, email: str, **more) -> str:
    answer = invite(actor, email, **more)
    assert answer.status_code == 201, answer.content
    return answer.json()["token"]


def test_an_invitation_shows_token_and_url_once(alice, charlie):
    made = invite(alice, charlie.email).json()
    assert made["url"] == f"http://testserver/invitations/{made['token']}"
    (listed,) = alice.get(f"/spaces/{alice.space}/invitations").json()["items"]
    assert listed == {name: value for name, value in made.items() if name not in ("token", "url")}
    assert (listed["status"], listed["role"], listed["created_by"]) == ("pending", "member", alice.id)


def test_a_retried_invitation_leaves_its_token_out(alice, charlie):
    path = f"/spaces/{alice.space}/invitations"
    first = alice.post(path, {"email": charlie.email}, Idempotency_Key="one").json()
    again = alice.post(path, {"email": charlie.email}, Idempotency_Key="one").json()
    assert again == {name: value for name, value in first.items() if name not in ("token", "url")}


def test_a_member_invites_nobody_and_a_manager_only_members(bob, mary):
    assert invite(bob, "x@example.org").status_code == 403
    assert bob.get(f"/spaces/{bob.space}/invitations").status_code == 403
    assert invite(mary, "x@example.org").status_code == 201
    answer = invite(mary, "y@example.org", role="admin")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.role")


def test_one_pending_invitation_per_address(alice):
    assert invite(alice, "New@example.org").status_code == 201
    again = invite(alice, "new@EXAMPLE.org")
    assert (again.status_code, again.json()["code"]) == (409, "invitation.pending")
    everything("update invitations set expires_at = now() where space_id = %s", [alice.household.space_id])
    assert invite(alice, "new@example.org").status_code == 201
    statuses = [each["status"] for each in alice.get(f"/spaces/{alice.space}/invitations").json()["items"]]
    assert statuses == ["pending", "expired"]


def test_a_member_is_not_invited_again(alice, bob):
    answer = invite(alice, bob.email)
    assert (answer.status_code, answer.json()["code"]) == (409, "member.already")


def test_whoever_holds_the_link_may_know_what_it_is(alice):
    token = token_for(alice, "new@example.org", role="manager")
    shown = Client().get(f"/api/invitations/{token}").json()
    assert shown["space"] == {"name": "Alice’s household", "kind": "household"}
    assert (shown["role"], shown["invited_by"], shown["status"]) == ("manager", "Alice", "pending")
    assert Client().get("/api/invitations/unknown").status_code == 404


def test_claiming_joins_with_the_role(alice, charlie):
    token = token_for(alice, charlie.email, role="manager")
    assert charlie.get(f"/spaces/{alice.space}").status_code == 404
    answer = charlie.post(f"/invitations/{token}/claim")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["space"]["id"], answer.json()["space"]["role"]) == (alice.space, "manager")
    assert charlie.get(f"/spaces/{alice.space}").status_code == 200
    again = charlie.post(f"/invitations/{token}/claim")
    assert (again.status_code, again.json()["code"]) == (409, "invitation.spent")
    events = everything(
        "select details->>'creator', actor_id from events where action = 'invite.claimed' and space_id = %s",
        [alice.household.space_id],
    )
    assert events == [(str(alice.user_id), charlie.user_id)]


def test_an_invitation_is_for_its_address_unless_for_anyone(alice, charlie):
    token = token_for(alice, "other@example.org")
    answer = charlie.post(f"/invitations/{token}/claim")
    assert (answer.status_code, answer.json()["code"]) == (403, "invitation.other_address")
    assert charlie.get(f"/spaces/{alice.space}").status_code == 404
    token = token_for(alice, "whoever@example.org", anyone=True)
    assert charlie.post(f"/invitations/{token}/claim").status_code == 200


def test_revoked_declined_and_expired_invitations_admit_nobody(alice, charlie):
    made = invite(alice, charlie.email).json()
    path = f"/spaces/{alice.space}/invitations/{made['id']}/revoke"
    assert alice.post(path).json()["status"] == "revoked"
    assert charlie.post(f"/invitations/{made['token']}/claim").status_code == 409
    assert alice.post(path).status_code == 409
    token = token_for(alice, charlie.email)
    assert charlie.post(f"/invitations/{token}/decline").status_code == 204
    assert charlie.post(f"/invitations/{token}/claim").status_code == 409
    token = token_for(alice, charlie.email)
    everything("update invitations set expires_at = now() where space_id = %s", [alice.household.space_id])
    assert charlie.post(f"/invitations/{token}/claim").status_code == 409
    assert charlie.get(f"/spaces/{alice.space}").status_code == 404


@pytest.mark.parametrize("way", ["revoked", "declined", "expired", "accepted"])
def test_a_spent_invitation_answers_alike_to_claiming_and_registering(alice, charlie, way):
    token = token_for(alice, charlie.email)
    past = "now() - interval '1 hour'" if way == "expired" else "expires_at"
    status = "pending" if way == "expired" else way
    everything(
        f"update invitations set status = %s, expires_at = {past} where space_id = %s",
        [status, alice.household.space_id],
    )
    for answer in (
        charlie.post(f"/invitations/{token}/claim"),
        charlie.post(f"/invitations/{token}/decline"),
        register(Client(), f"new-{charlie.email}", invite_token=token),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "invitation.spent"), answer.content


def test_install_invitations_are_listed_and_revoked_by_administrators(alice, bob):
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    email = f"far-{alice.email}"
    made = alice.post("/invitations", {"email": email}).json()
    assert (made["space"], made["status"], made["email"]) == (None, "pending", email)
    assert "/invitations/" in made["url"]
    listed = [
        each for each in alice.get("/invitations?limit=200").json()["items"] if each["id"] == made["id"]
    ]
    assert listed == [{name: value for name, value in made.items() if name not in ("token", "url")}]
    assert f"far-{alice.email}" in alice.client.get("/install/invitations").content.decode()
    assert made["token"] not in alice.client.get("/install/invitations").content.decode()
    for path, method in (("/invitations", "GET"), (f"/invitations/{made['id']}/revoke", "POST")):
        assert bob.api(method, path).json()["code"] == "permission.role"
    assert bob.client.get("/install/invitations").status_code == 403
    assert alice.post(f"/invitations/{made['id']}/revoke").json()["status"] == "revoked"
    again = alice.post(f"/invitations/{made['id']}/revoke")
    assert (again.status_code, again.json()["code"]) == (409, "invitation.spent")
    spent = register(Client(), email, invite_token=made["token"])
    assert (spent.status_code, spent.json()["code"]) == (409, "invitation.spent")


def test_an_invitation_into_a_space_is_not_the_installs(alice, household):
    inside = invite(alice, f"in-{alice.email}").json()
    assert alice.get(f"/spaces/{alice.space}/invitations").json()["items"][0]["id"] == inside["id"]
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    assert alice.post(f"/invitations/{inside['id']}/revoke").status_code == 404
    assert inside["id"] not in {each["id"] for each in alice.get("/invitations?limit=200").json()["items"]}


def test_the_page_of_install_invitations_makes_and_revokes(alice):
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    email = f"page-{alice.email}"
    page = alice.client.post("/install/invitations", {"email": email}).content.decode()
    assert "Send them this link" in page
    revoke = page[page.index(email) :].split('action="', 1)[1].split('"', 1)[0]
    assert alice.client.post(revoke).status_code == 303
    assert email not in alice.client.get("/install/invitations").content.decode()
    assert email in alice.client.get("/install/invitations?used=yes").content.decode()
    wrong = alice.client.post("/install/invitations", {"email": "nobody"})
    assert wrong.status_code == 422
    assert "Write an e-mail address" in wrong.content.decode()


def test_an_invitation_is_sent_anew_and_its_old_link_is_dead(alice, mary, charlie):
    made = invite(alice, charlie.email).json()
    path = f"/spaces/{alice.space}/invitations/{made['id']}"
    everything("update invitations set expires_at = now() where space_id = %s", [alice.household.space_id])
    again = mary.post(f"{path}/resend")
    assert again.status_code == 200, again.content
    assert (again.json()["id"], again.json()["status"]) == (made["id"], "pending")
    assert again.json()["token"] != made["token"]
    assert charlie.post(f"/invitations/{made['token']}/claim").status_code == 404
    assert charlie.post(f"/invitations/{again.json()['token']}/claim").status_code == 200
    spent = alice.post(f"{path}/resend")
    assert (spent.status_code, spent.json()["code"]) == (409, "invitation.spent")


def test_only_who_may_invite_sends_anew(alice, mary, bob, charlie):
    made = invite(alice, "boss@example.org", role="admin").json()
    path = f"/spaces/{alice.space}/invitations/{made['id']}/resend"
    for actor in (mary, bob):
        refused = actor.post(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission.role")
    assert charlie.post(f"/spaces/{charlie.space}/invitations/{made['id']}/resend").status_code == 404
    page = alice.client.post(f"/s/{alice.household.slug}/invitations/{made['id']}/resend").content.decode()
    assert "/invitations/" in page.split("shown once")[1]
    assert alice.get(f"/invitations/{made['token']}").status_code == 404


def test_only_the_invited_declines(alice, charlie):
    token = token_for(alice, "other@example.org")
    assert charlie.post(f"/invitations/{token}/decline").status_code == 403
    assert Client().post(f"/api/invitations/{token}/decline").status_code == 204


def test_a_foreign_invitation_cannot_be_revoked(alice, charlie):
    made = invite(alice, "new@example.org").json()
    answer = charlie.post(f"/spaces/{charlie.space}/invitations/{made['id']}/revoke")
    assert answer.status_code == 404
    assert alice.get(f"/spaces/{alice.space}/invitations").json()["items"][0]["status"] == "pending"


def test_forty_claims_at_once_admit_once(alice):
    people = [make_household(f"Guest{number}").admin for number in range(40)]
    token = token_for(alice, "whoever@example.org", anyone=True)
    statuses = []

    def claim(actor) -> None:
        try:
            statuses.append(actor.post(f"/invitations/{token}/claim").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 39
    joined = everything("select count(*) from memberships where space_id = %s", [alice.household.space_id])
    assert joined == [(2,)]


@override_settings(REGISTRATION="invite")
def test_registering_by_invitation_lands_in_the_inviting_space(alice):
    email = f"new-{alice.email}"
    assert register(Client(), email).status_code == 403
    token = token_for(alice, email, role="manager")
    other = register(Client(), f"not-{email}", invite_token=token)
    assert (other.status_code, other.json()["code"]) == (403, "invitation.other_address")
    client = Client()
    answer = register(client, email, invite_token=token)
    assert answer.status_code == 201, answer.content
    assert answer.json()["space"]["id"] == alice.space
    assert answer.json()["space"]["role"] == "manager"
    assert answer.json()["library"]["id"] == alice.library
    assert len(client.get("/api/auth/me").json()["spaces"]) == 1
    spent = register(Client(), f"2{email}", invite_token=token)
    assert (spent.status_code, spent.json()["code"]) == (409, "invitation.spent")
    unknown = register(Client(), f"3{email}", invite_token="unknown")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "invite_token")


@override_settings(REGISTRATION="invite")
def test_an_install_invitation_gives_a_household_of_ones_own(alice):
    email = f"new-{alice.email}"
    assert alice.post("/invitations", {"email": email}).status_code == 403
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    answer = alice.post("/invitations", {"email": email})
    assert answer.status_code == 201, answer.content
    joined = register(Client(), email, invite_token=answer.json()["token"])
    assert joined.status_code == 201, joined.content
    assert joined.json()["space"]["id"] != alice.space
    assert joined.json()["space"]["role"] == "admin"


@pytest.mark.parametrize("days", [0, 91])
def test_the_time_to_answer_has_bounds(alice, days):
    answer = invite(alice, "new@example.org", expires_in_days=days)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "expires_in_days")


def test_claiming_needs_sign_in(alice):
    token = token_for(alice, "new@example.org")
    body = json.dumps({})
    answer = Client().post(f"/api/invitations/{token}/claim", body, content_type="application/json")
    assert answer.status_code == 401
