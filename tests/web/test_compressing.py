"""Text goes out small where the client takes it so."""

import gzip

TAKES_IT = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_compressed_for_a_browser_and_reads_the_same(alice):
    path = "/me/profile"
    plain, small = alice.client.get(path), alice.client.get(path, headers=TAKES_IT)
    assert small["Content-Encoding"] == "gzip"
    assert len(small.content) == int(small["Content-Length"]) < len(plain.content) / 2
    assert b"<title>" in gzip.decompress(small.content)
    assert "Accept-Encoding" in small["Vary"]


def test_a_client_that_does_not_ask_gets_it_plain(alice):
    answer = alice.client.get("/me/profile")
    assert "Content-Encoding" not in answer
    assert b"<title>" in answer.content


def test_what_is_no_such_text_is_left_as_it_is(alice):
    answer = alice.client.get("/manifest.webmanifest", headers=TAKES_IT)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer
