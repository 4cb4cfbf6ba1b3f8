"""Spaces, members, invitations and libraries in a browser."""

import re

import pytest
from django.test import Client, override_settings

from mediatheque.core.ids import show_id
from tests.people.test_pages import browser, submit
from tests.spaces.test_members import membership, role
from tests.support import PASSWORD


def at_home(actor) -> Client:
    client = browser()
    client.cookies["session"] = actor.session_key
    return client


def test_a_space_is_made_and_opened(alice):
    client = at_home(alice)
    answer = submit(client, "/spaces", name="Cabin", time_zone="Europe/Oslo")
    assert re.fullmatch(r"/s/cabin-[a-z2-9]{6}/", answer.headers["Location"]), answer.content
    assert "Cabin" in client.get("/spaces").content.decode()
    answer = submit(client, "/spaces", name="", time_zone="Mars")
    assert answer.status_code == 422
    assert 'id="e-name"' in answer.content.decode()


def test_settings_are_saved_archived_and_deleted(alice):
    client, here = at_home(alice), f"/s/{alice.household.slug}/settings"
    values = {"name": "Villa", "language": "de", "time_zone": "Europe/Berlin", "contact_person": "A"}
    assert submit(client, here, **values).status_code == 303
    assert alice.get(f"/spaces/{alice.space}").json()["contact"]["person"] == "A"
    answer = submit(client, here, **{**values, "time_zone": "Mars"})
    assert (answer.status_code, 'id="e-time_zone"' in answer.content.decode()) == (422, True)
    assert submit(client, f"{here}/archive", here).status_code == 303
    assert alice.get(f"/spaces/{alice.space}").json()["archived_at"] is not None
    assert submit(client, f"{here}/restore", here).status_code == 303
    wrong = submit(client, f"{here}/delete", here, confirm_name="villa")
    assert (wrong.status_code, 'id="e-confirm_name"' in wrong.content.decode()) == (422, True)
    assert submit(client, f"{here}/delete", here, confirm_name="Villa").headers["Location"] == "/spaces"
    assert client.get(here).status_code == 404


@pytest.mark.parametrize("page", ["settings", "members", "libraries", "invitations"])
def test_a_foreign_spaces_pages_read_like_missing_ones(alice, charlie, page):
    assert alice.client.get(f"/s/{alice.household.slug}/{page}").status_code == 200
    assert charlie.client.get(f"/s/{alice.household.slug}/{page}").status_code == 404
    assert charlie.client.get(f"/s/nowhere-abc234/{page}").status_code == 404


def test_a_member_reads_settings_and_changes_nothing(alice, bob):
    client, here = at_home(bob), f"/s/{alice.household.slug}/settings"
    assert client.get(here).status_code == 200
    answer = submit(client, here, "/me/profile", name="Mine", language="en", time_zone="UTC")
    assert answer.status_code == 403
    assert alice.get(f"/spaces/{alice.space}").json()["name"] == "Alice’s household"


def test_roles_change_and_members_go_on_the_members_page(alice, bob):
    client, here = at_home(alice), f"/s/{alice.household.slug}/members"
    page = client.get(here).content.decode()
    assert "Bob" in page
    assert submit(client, f"{here}/{membership(bob)}/role", here, role="manager").status_code == 303
    assert role(bob) == "manager"
    refused = submit(client, f"{here}/{membership(alice)}/role", here, role="member")
    assert (refused.status_code, "at least one admin" in refused.content.decode()) == (422, True)
    assert role(alice) == "admin"
    assert submit(client, f"{here}/{membership(bob)}/remove", here).status_code == 303
    assert "Bob" not in alice.client.get(here).content.decode().split("people measure")[1]


def test_a_member_has_a_drawer_and_a_page_with_what_they_do(alice, bob):
    client, here = at_home(alice), f"/s/{alice.household.slug}/members"
    page = client.get(here).content.decode()
    assert f'href="{here}/{membership(bob)}" data-drawer' in page
    whole = client.get(f"{here}/{membership(bob)}").content.decode()
    drawer = client.get(f"{here}/{membership(bob)}", headers={"HX-Request": "true"}).content.decode()
    assert "Last sign-in" in whole
    assert "Last sign-in" in drawer
    assert "<html" in whole
    assert "<html" not in drawer
    assert "Last sign-in" not in at_home(bob).get(f"{here}/{membership(alice)}").content.decode()
    assert submit(client, f"{here}/{membership(bob)}/suspend", here).status_code == 303
    assert "suspended" in client.get(here).content.decode()
    assert submit(client, f"{here}/{membership(bob)}/lift", here).status_code == 303
    refused = submit(client, f"{here}/{membership(alice)}/suspend", here)
    assert refused.status_code == 422
    assert "Nobody suspends themselves" in refused.content.decode()


def test_a_household_keeps_someone_on_the_members_page(alice):
    client, here = at_home(alice), f"/s/{alice.household.slug}/members"
    assert submit(client, here, name="Kid").status_code == 303
    assert "Kid" in client.get(here).content.decode()
    assert 'id="e-name"' in submit(client, here, name=" ").content.decode()


@override_settings(REGISTRATION="invite")
def test_an_invitation_goes_from_link_to_membership(alice):
    client, here = at_home(alice), f"/s/{alice.household.slug}/invitations"
    email = f"new-{alice.email}"
    made = submit(client, here, email=email, role="manager").content.decode()
    (link,) = re.findall(r'value="http://testserver(/invitations/[^"]+)"', made)
    guest = browser()
    page = guest.get(link).content.decode()
    assert "Alice’s household" in page
    (register,) = re.findall(r'href="(/register\?[^"]+)"', page)
    form = guest.get(register).content.decode()
    (token,) = re.findall(r'name="invite_token" value="([^"]+)"', form)
    assert f'value="{email}"' in form
    answer = submit(
        guest, "/register", register, name="New", email=email, password=PASSWORD, invite_token=token
    )
    assert answer.status_code == 303, answer.content.decode()
    assert guest.get("/").headers["Location"] == f"/s/{alice.household.slug}/"
    assert email not in client.get(here).content.decode()
    assert email in client.get(f"{here}?used=yes").content.decode()


def test_someone_with_an_account_signs_in_and_comes_back(alice, charlie):
    link = _link(alice, charlie.email)
    guest = browser()
    (sign_in,) = re.findall(r'href="(/sign-in\?next=[^"]+)"', guest.get(link).content.decode())
    page = guest.get(sign_in).content.decode()
    (back,) = re.findall(r'name="next" value="([^"]+)"', page)
    assert back == link
    submit(guest, "/sign-in", sign_in, email=charlie.email, password=PASSWORD, next=back)
    answer = submit(guest, f"{link}/claim", link)
    assert answer.headers["Location"] == f"/s/{alice.household.slug}/"
    assert charlie.get(f"/spaces/{alice.space}").json()["role"] == "member"


def test_another_address_is_told_so_and_an_unknown_link_as_well(alice, charlie):
    link = _link(alice, "other@example.org")
    answer = submit(at_home(charlie), f"{link}/claim", link)
    assert (answer.status_code, "another address" in answer.content.decode()) == (403, True)
    assert charlie.get(f"/spaces/{alice.space}").status_code == 404
    assert "unknown" in Client().get("/invitations/nothing").content.decode()


def _link(actor, email: str) -> str:
    made = actor.post(f"/spaces/{actor.space}/invitations", {"email": email}).json()
    return f"/invitations/{made['token']}"


def test_the_invited_declines_and_the_admin_revokes(alice):
    link = _link(alice, "one@example.org")
    submit(at_home(alice), f"{link}/decline", "/me/profile")
    _link(alice, "two@example.org")
    client, here = at_home(alice), f"/s/{alice.household.slug}/invitations"
    revokes = re.findall(r'action="([^"]+/revoke)"', client.get(here).content.decode())
    assert len(revokes) == 2
    assert submit(client, revokes[0], here).status_code == 303
    guest = Client()
    assert guest.post(f"{link}/decline").status_code == 303
    statuses = {each["status"] for each in alice.get(f"/spaces/{alice.space}/invitations").json()["items"]}
    assert statuses == {"revoked", "declined"}


def test_libraries_are_made_edited_archived_and_deleted(alice, bob):
    client, here = at_home(alice), f"/s/{alice.household.slug}/libraries"
    made = submit(client, here, name="Attic", template="books", limited="yes", members=bob.id)
    assert made.status_code == 303, made.content.decode()
    library = next(each for each in bob.get("/libraries").json()["items"] if each["name"] == "Attic")
    assert (library["limited"], library["default_type"]) == (True, "book")
    page = f"{here}/{library['id']}"
    assert submit(client, page, name="Loft", description="Dry", default_type="movie").status_code == 303
    changed = alice.get(f"/libraries/{library['id']}").json()
    assert (changed["name"], changed["limited"]) == ("Loft", False)
    assert 'id="e-name"' in submit(client, page, name="").content.decode()
    assert submit(client, f"{page}/archive", page).status_code == 303
    wrong = submit(client, f"{page}/delete", page, media="delete", confirm_name="loft")
    assert (wrong.status_code, 'id="e-confirm_name"' in wrong.content.decode()) == (422, True)
    assert submit(client, f"{page}/delete", page, media="delete", confirm_name="Loft").status_code == 303
    assert alice.get(f"/libraries/{library['id']}").status_code == 404


def test_a_limited_library_is_on_no_page_of_others(alice, bob):
    limited = alice.household.add_library("Secret", limited=True)
    here = f"/s/{alice.household.slug}/libraries"
    assert "Secret" in alice.client.get(here).content.decode()
    assert "Secret" not in bob.client.get(here).content.decode()
    assert bob.client.get(f"{here}/{show_id('library', limited)}").status_code == 404


def test_two_tabs_show_two_spaces(alice):
    slug = alice.post("/spaces", {"name": "Cabin"}).json()["slug"]
    for _ in range(2):
        first = alice.client.get(f"/s/{alice.household.slug}/settings").content.decode()
        assert '<h1 class="title">Alice’s household</h1>' in first
        assert '<h1 class="title">Cabin</h1>' in alice.client.get(f"/s/{slug}/settings").content.decode()
