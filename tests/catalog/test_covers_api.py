"""Covers: what is taken in, what comes out, who gets it (C11; PROOFS, *Uploads*)."""

import struct
import zlib
from base64 import b64decode
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from thumbhash import thumb_hash_to_average_rgba

from tests.catalog.making import make
from tests.support import Actor


def picture(kind: str = "JPEG", size: tuple[int, int] = (1000, 1500), **options: Any) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(target, kind, **options)
    return target.getvalue()


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in a few bytes of header."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\x00" * 1_000_000)
    parts = [
        struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each))
        for each in (chunk, data)
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def upload(actor: Actor, item: dict[str, Any], content: bytes, name: str = "cover.jpg") -> Any:
    file = SimpleUploadedFile(name, content, "image/jpeg")
    return actor.client.post(f"/api/media/{item['id']}/cover", {"file": file})


def test_cover_is_drawn_again_in_three_widths(alice: Actor, bob: Actor) -> None:
    item = make(alice)
    answer = upload(alice, item, picture())
    assert answer.status_code == 200, answer.content
    poster = answer.json()["poster"]
    hashed = b64decode(poster["placeholder"])
    assert 5 <= len(hashed) <= 32
    red, green, blue, _alpha = thumb_hash_to_average_rgba(list(hashed))
    assert red > 2 * max(green, blue)
    assert poster == alice.get("/media").json()["items"][0]["poster"]
    for url, width in (
        (poster["url"], 800),
        (poster["thumbnail_url"], 200),
        (poster["url"][:-3] + "400", 400),
    ):
        served = bob.client.get(url)
        assert served.status_code == 200
        assert served["Content-Type"] == "image/webp"
        assert served["Cache-Control"] == "private, max-age=31536000, immutable"
        assert served["X-Content-Type-Options"] == "nosniff"
        assert Image.open(BytesIO(served.content)).size == (width, width * 3 // 2)
    bare = bob.get(f"/media/{item['id']}/cover")
    assert bare["Cache-Control"] == "private, no-cache"
    assert bob.get(f"/media/{item['id']}/cover", If_None_Match=bare["ETag"]).status_code == 304
    assert bob.get(f"/media/{item['id']}/cover?size=5000").status_code == 400


def test_background_is_kept_in_two_widths_beside_the_cover(alice: Actor, bob: Actor, charlie: Actor) -> None:
    item = make(alice)
    file = SimpleUploadedFile("wide.jpg", picture(size=(3200, 1200)), "image/jpeg")
    answer = alice.client.post(f"/api/media/{item['id']}/backdrop", {"file": file})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["poster"], set(found["backdrop"])) == (None, {"url", "thumbnail_url", "placeholder"})
    assert alice.get("/media").json()["items"][0]["backdrop"] == found["backdrop"]
    for url, size in (
        (found["backdrop"]["url"], (1600, 600)),
        (found["backdrop"]["thumbnail_url"], (640, 240)),
    ):
        served = bob.client.get(url)
        assert served["Cache-Control"] == "private, max-age=31536000, immutable"
        assert Image.open(BytesIO(served.content)).size == size
        assert charlie.client.get(url).status_code == 404
    upload(alice, item, picture())
    shown = bob.client.get(f"/s/{bob.household.slug}/media/{item['id']}").content.decode()
    assert "/backdrop?v=" in shown
    assert bob.get(f"/media/{item['id']}/backdrop?size=800").status_code == 400
    assert bob.delete(f"/media/{item['id']}/backdrop").status_code == 403
    assert alice.delete(f"/media/{item['id']}/backdrop").status_code == 204
    after = alice.get(f"/media/{item['id']}").json()
    assert (after["backdrop"], after["poster"] is None) == (None, False)
    assert alice.get(f"/media/{item['id']}/backdrop").status_code == 404
    told = alice.get(f"/media/{item['id']}/history").json()["items"][0]["changes"]
    assert told == [{"field": "backdrop", "old": True, "new": False}]


def test_background_is_changed_and_removed_on_the_items_page(alice: Actor) -> None:
    item = make(alice)
    page = f"/s/{alice.household.slug}/media/{item['id']}"
    file = SimpleUploadedFile("wide.png", picture("PNG", (900, 400)), "image/png")
    assert alice.client.post(f"{page}/backdrop", {"file": file}).status_code == 303
    assert alice.client.get(f"{page}/backdrop?size=640").status_code == 200
    assert alice.client.get(f"{page}/backdrop?size=1").status_code == 404
    assert alice.client.post(f"{page}/backdrop/delete").status_code == 303
    assert alice.get(f"/media/{item['id']}").json()["backdrop"] is None


def test_new_cover_changes_the_address_and_removing_frees_it(alice: Actor) -> None:
    item = make(alice)
    first = upload(alice, item, picture()).json()["poster"]["url"]
    second = upload(alice, item, picture("PNG", (300, 300))).json()["poster"]["url"]
    assert first != second
    assert alice.delete(f"/media/{item['id']}/cover").status_code == 204
    assert alice.get(f"/media/{item['id']}").json()["poster"] is None
    assert alice.get(f"/media/{item['id']}/cover").status_code == 404


def test_put_takes_a_cover_too(alice: Actor) -> None:
    item = make(alice)
    boundary = "frontier"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
        + picture("PNG", (50, 50))
        + f"\r\n--{boundary}--\r\n".encode()
    )
    path, kind = f"/api/media/{item['id']}/cover", f"multipart/form-data; boundary={boundary}"
    assert alice.client.put(path, body, content_type=kind).status_code == 200
    assert alice.client.put(path, b"{}", content_type="application/json").status_code == 400
    assert alice.client.put(path, b"x", content_type="multipart/form-data").status_code == 400
    assert alice.client.post(path, {"other": "x"}).status_code == 400


def test_metadata_of_pictures_is_gone_and_they_stand_upright(alice: Actor) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "secret place"
    item = make(alice)
    url = upload(alice, item, picture(exif=exif, comment=b"secret place")).json()["poster"]["url"]
    served = alice.client.get(url).content
    assert b"secret" not in served
    assert b"EXIF" not in served
    assert Image.open(BytesIO(served)).size == (800, 533)


def test_what_is_no_good_picture_is_refused(alice: Actor) -> None:
    item = make(alice)
    whole = picture()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    cases = [
        (svg, 415, "image.wrong_kind"),
        (b"", 415, "image.wrong_kind"),
        (b"<html>GIF89a</html>", 415, "image.wrong_kind"),
        (b"%PDF-1.4 nothing", 415, "image.wrong_kind"),
        (whole[: len(whole) // 2], 422, "image.broken"),
        (picture("PNG")[:200], 422, "image.broken"),
        (bomb(), 413, "image.too_many_pixels"),
        (b"\xff" * (25 * 1024 * 1024 + 1), 413, "image.too_large"),
    ]
    for content, status, code in cases:
        answer = upload(alice, item, content)
        assert (answer.status_code, answer.json()["code"]) == (status, code), content[:20]
    assert alice.get(f"/media/{item['id']}").json()["poster"] is None


def test_polyglots_lose_what_hides_in_them(alice: Actor) -> None:
    item = make(alice)
    hidden = b"<script>alert(document.domain)</script>"
    for content in (picture() + hidden, picture("GIF", (60, 90), comment=hidden)):
        served = alice.client.get(upload(alice, item, content).json()["poster"]["url"])
        assert hidden not in served.content
        assert served["Content-Type"] == "image/webp"


def test_cover_is_for_those_who_see_the_item(alice: Actor, bob: Actor, charlie: Actor) -> None:
    item = make(alice)
    url = upload(alice, item, picture()).json()["poster"]["url"]
    assert charlie.client.get(url).status_code == 404
    assert upload(bob, item, picture()).status_code == 403
    assert upload(charlie, item, picture()).status_code == 404
    bob.client.cookies.clear()
    assert bob.client.get(url).status_code == 401


def test_undo_brings_the_cover_back(alice: Actor) -> None:
    item = make(alice)
    poster = upload(alice, item, picture()).json()["poster"]
    alice.delete(f"/media/{item['id']}")
    assert alice.client.get(poster["url"]).status_code == 404
    assert alice.post(f"/media/{item['id']}/undo-delete").json()["poster"] == poster
    assert alice.client.get(poster["url"]).status_code == 200
