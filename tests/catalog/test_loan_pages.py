"""Pages of loans: lending, what is out, taking back (C6, C5)."""

from tests.catalog.making import make
from tests.support import Actor


def test_a_copy_is_lent_shown_and_taken_back_in_the_browser(alice: Actor) -> None:
    item = make(alice, "Alien")["id"]
    copy = alice.post(f"/media/{item}/variants", {"format": "DVD"}).json()["id"]
    page = f"/s/{alice.household.slug}/media/{item}"
    form = f"{page}/variants/{copy}/lend"
    assert "Lend it" in alice.client.get(form).content.decode()
    wrong = alice.client.post(form, {"to": "", "since": "2026-01-01", "due": ""})
    assert wrong.status_code == 422
    assert "Say who has it" in wrong.content.decode()
    sent = {"to": "Nora", "since": "2026-01-01", "due": "2026-02-01"}
    assert alice.client.post(form, sent)["Location"] == page
    home = f"/s/{alice.household.slug}/"
    for address in (page, f"/s/{alice.household.slug}/lent", home):
        shown = alice.client.get(address).content.decode()
        assert "with Nora since" in shown, address
        assert "built-in" not in shown
        assert "Overdue" in shown, address
    assert "Change the loan" in alice.client.get(form).content.decode()
    assert alice.client.post(form, sent | {"due": "2199-01-01"}).status_code == 303
    assert "Overdue" not in alice.client.get(page).content.decode()
    back = alice.client.post(f"{page}/variants/{copy}/return", {"list": "yes"})
    assert back["Location"] == f"/s/{alice.household.slug}/lent"
    assert "Nothing is lent out." in alice.client.get(f"/s/{alice.household.slug}/lent").content.decode()
    assert "Lent before" in alice.client.get(page).content.decode()


def test_a_member_sees_loans_of_others_without_a_button(alice: Actor, bob: Actor) -> None:
    item = make(alice, "Alien")["id"]
    copy = alice.post(f"/media/{item}/variants", {"format": "DVD"}).json()["id"]
    alice.post(f"/media/{item}/variants/{copy}/loan", {"to": "Nora"})
    shown = bob.client.get(f"/s/{alice.household.slug}/lent").content.decode()
    assert "Nora" in shown
    assert "Is back" not in shown
    page = f"/s/{alice.household.slug}/media/{item}/variants/{copy}"
    assert bob.client.post(f"{page}/return").status_code == 403
    assert bob.client.get(f"{page}/lend").status_code == 403


def test_what_is_lent_out_takes_the_same_queries_for_one_and_many(alice: Actor) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in range(3):
        item = make(alice, f"Film {number}")["id"]
        copy = alice.post(f"/media/{item}/variants", {}).json()["id"]
        alice.post(f"/media/{item}/variants/{copy}/loan", {"to": "Nora"})
        with CaptureQueriesContext(connection) as asked:
            assert alice.client.get(f"/s/{alice.household.slug}/lent").status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1
