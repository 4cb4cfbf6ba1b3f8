"""P6: one's picture: taken in square, shown to those one shares a space with, kept from everyone else."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from PIL import Image

from mediatheque.core import db, scope
from mediatheque.core.ids import new_id, show_id
from tests.catalog.test_covers_api import bomb, picture
from tests.support import everything


def upload(actor, content: bytes = b"", path: str = "/api/auth/me/avatar"):
    file = SimpleUploadedFile("me.jpg", content or picture(), "image/jpeg")
    return actor.client.post(path, {"file": file})


def references(actor) -> list[str]:
    found = everything("select role from file_references where user_id = %s order by role", [actor.user_id])
    return [role for (role,) in found]


def test_an_avatar_is_kept_square_in_three_sizes_and_shown_where_people_are(alice, bob):
    answer = upload(alice)
    assert answer.status_code == 200, answer.content
    url = answer.json()["avatar_url"]
    assert alice.get("/auth/me").json()["user"]["avatar_url"] == url
    assert references(alice) == ["avatar-128", "avatar-256", "avatar-64"]
    for size in (64, 128, 256):
        served = bob.client.get(f"{url}&size={size}")
        assert (served.status_code, served["Content-Type"]) == (200, "image/webp")
        assert served["Cache-Control"] == "private, max-age=31536000, immutable"
        assert Image.open(BytesIO(served.content)).size == (size, size)
    assert f"/api/users/{alice.id}/avatar" in alice.client.get("/me/profile").content.decode()
    assert (
        f"/api/users/{alice.id}/avatar" in bob.client.get(f"/s/{bob.household.slug}/members").content.decode()
    )
    assert alice.get(f"/users/{alice.id}/avatar?size=5000").status_code == 400


def test_a_small_picture_is_not_enlarged_and_metadata_falls_away(alice):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    assert upload(alice, picture("JPEG", (90, 40), exif=exif)).status_code == 200
    served = alice.get(f"/users/{alice.id}/avatar?size=256")
    assert Image.open(BytesIO(served.content)).size == (40, 40)
    assert b"taken at home" not in served.content


def test_an_avatar_is_not_there_for_those_who_share_no_space(alice, charlie):
    assert upload(alice).status_code == 200
    assert alice.get(f"/users/{alice.id}/avatar").status_code == 200
    foreign = charlie.get(f"/users/{alice.id}/avatar")
    missing = charlie.get(f"/users/{show_id('user', new_id())}/avatar")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json() | {"request_id": ""} == missing.json() | {"request_id": ""}
    assert Client().get(f"/api/users/{alice.id}/avatar").status_code == 401


def test_a_new_avatar_changes_the_address_and_removing_frees_the_files(alice):
    first = upload(alice).json()["avatar_url"]
    second = upload(alice, picture("PNG", (300, 300))).json()["avatar_url"]
    assert first != second
    assert len(references(alice)) == 3
    assert alice.delete("/auth/me/avatar").status_code == 204
    assert alice.get("/auth/me").json()["user"]["avatar_url"] is None
    assert references(alice) == []
    assert alice.get(f"/users/{alice.id}/avatar").status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "image.wrong_kind"),
        (bomb(), 413, "image.too_many_pixels"),
        (picture()[:3000], 422, "image.broken"),
        (b"x" * (25 * 1024 * 1024 + 1), 413, "image.too_large"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_old_one_stays(alice, content, status, code):
    kept = upload(alice).json()["avatar_url"]
    refused = upload(alice, content)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert alice.get("/auth/me").json()["user"]["avatar_url"] == kept


def test_the_profile_page_takes_a_picture_and_says_what_is_wrong(alice):
    page = alice.client.get("/me/profile").content.decode()
    assert "Remove my picture" not in page
    refused = upload(alice, b"no picture", "/me/avatar")
    assert refused.status_code == 422
    assert "Choose a JPEG, PNG, WebP, AVIF or GIF picture." in refused.content.decode()
    assert alice.client.post("/me/avatar").status_code == 422
    assert upload(alice, path="/me/avatar").status_code == 303
    assert "Remove my picture" in alice.client.get("/me/profile").content.decode()
    assert alice.client.post("/me/avatar/delete").status_code == 303
    assert references(alice) == []


def test_the_application_takes_nobodys_file_for_an_avatar(alice, charlie):
    """As the application's role: only files that one refers to oneself."""
    assert upload(charlie).status_code == 200
    (sha256,) = everything("select avatar from users where id = %s", [charlie.user_id])[0]
    with pytest.raises(DatabaseError), scope.of_person(alice.user_id, space=None, request_id="attack"):
        db.execute("select set_avatar(%s)", [sha256])
    with pytest.raises(DatabaseError), scope.of_person(alice.user_id, space=None, request_id="attack"):
        db.execute(
            "insert into file_references (id, user_id, sha256, role, record_id) values (%s, %s, %s, 'avatar-64', %s)",
            [new_id(), charlie.user_id, sha256, charlie.user_id],
        )
    assert everything("select avatar from users where id = %s", [alice.user_id]) == [(None,)]
