"""Keys for comparing, sorting and searching titles (C3, C4, I3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.core.text import (
    KEY_LENGTH,
    fold,
    has_unstorable,
    has_visible,
    match_key,
    refuse_unstorable,
    sort_key,
    sort_title,
    words,
)

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  The   MATRIX ", "the matrix"),
        ("Amélie Łódź Ærø Đorđe Straße ŒUVRE", "amelie lodz aero dorde strasse oeuvre"),
        ("İstanbul ısı", "istanbul isi"),
        ("Ἀθήνα ΕΛΛΆΣ", "αθηνα ελλασ"),
        ("Ёлка", "елка"),
        ("ＡＢＣ１２", "abc12"),
        ("L’Été “x” — y", 'l\'ete "x" - y'),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
        ("한국", "한국"),
        ("हिन्दी", "हिन्दी"),
        ("مُحَمَّد", "محمد"),
        ("٣", "3"),
        ("8½", "8 1/2"),
    ],
)
def test_fold_ignores_case_accents_width_and_typography(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_fold_keeps_kana_voicing_and_vowel_signs() -> None:
    assert fold("か") != fold("が")
    assert fold("फ़िल्म") != fold("फल्म")


@given(storable)
def test_fold_is_stable_and_never_loses_a_text(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert bool(fold(text)) == bool(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fast & Furious", "Fast and Furious"),
        ("Spider-Man: Homecoming", "Spider Man Homecoming"),
        ("M*A*S*H", "MASH"),
        ("S.H.I.E.L.D.", "SHIELD"),
        ("Ocean’s Eleven", "OCEANS ELEVEN"),
        ("Cars™", "Cars"),
    ],
)
def test_match_key_sees_one_title_in_two_spellings(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Thing", "Thing"),
        ("千と千尋の神隠し", "風の谷のナウシカ"),
        ("Матрица", "Солярис"),
        ("$", "???"),
        ("a" * 400 + "b", "a" * 400 + "c"),
        ("+1", "1"),
    ],
)
def test_match_key_keeps_different_titles_apart(one: str, other: str) -> None:
    assert match_key(one) != match_key(other)


@given(storable.filter(bool))
def test_match_key_is_never_empty_and_fits_an_index(title: str) -> None:
    assert 0 < len(match_key(title)) <= KEY_LENGTH
    assert len(sort_key(title * 40, "en").encode()) <= 4 * KEY_LENGTH


@pytest.mark.parametrize(
    ("title", "language", "shown"),
    [
        ("The Matrix", "en", "Matrix"),
        ("Die Hard", "en", "Die Hard"),
        ("Die Blechtrommel", "de", "Blechtrommel"),
        ("Die Blechtrommel", "de-AT", "Blechtrommel"),
        ("L'Avventura", "fr", "Avventura"),
        ("L’Été meurtrier", "fra", "Été meurtrier"),
        ("Los olvidados", "es", "olvidados"),
        ("The", "en", "The"),
        ("A.I.", "en", "A.I."),
        ("“The Wire”", "en", "Wire"),
        ("Lost", "es", "Lost"),
        ("The Matrix", None, "The Matrix"),
        ("The Matrix", "pl", "The Matrix"),
    ],
)
def test_sort_title_leaves_out_the_article_of_its_own_language(
    title: str, language: str | None, shown: str
) -> None:
    assert sort_title(title, language) == shown


def test_sort_key_orders_titles_as_people_do() -> None:
    titles = [
        "Zulu",
        "Rocky 10",
        "The Abyss",
        "Rocky 2",
        "Éclair",
        "2001",
        "Die Hard",
        "... And Justice",
        "10",
    ]
    ordered = sorted(titles, key=lambda title: sort_key(title, "en").encode())
    assert ordered == [
        "10", "2001", "The Abyss", "... And Justice", "Die Hard", "Éclair", "Rocky 2", "Rocky 10", "Zulu",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Spider-Man, the man", ["the", "spider", "man"]),
        ("千と千尋", ["千と", "と千", "千尋"]),
        ("愛", ["愛"]),
        ("映画film", ["映画", "film"]),
        ("한국 영화", ["한국", "영화"]),
        ("l'avventura O'Brien don’t", ["avventura", "obrien", "dont"]),
        ("S.H.I.E.L.D. and U.S. soldiers", ["shield", "and", "us", "soldiers"]),
        ("हिन्दी फ़िल्म", ["हिन्दी", "फ़िल्म"]),
        ("Ψυχώ Ёж", ["ψυχω", "еж"]),
        ("--- !!", []),
    ],
)
def test_words_are_folded_and_east_asian_runs_come_in_pairs(text: str, found: list[str]) -> None:
    from unicodedata import normalize

    assert words(text) == [normalize("NFC", word) for word in found]


@given(storable)
def test_words_never_repeat(text: str) -> None:
    assert len(words(text)) == len(set(words(text)))


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff"])
def test_unstorable_text_is_refused(text: str) -> None:
    assert has_unstorable(text)
    with pytest.raises(ValueError, match="cannot be stored"):
        refuse_unstorable(text)


@given(storable)
def test_storable_text_passes(text: str) -> None:
    assert refuse_unstorable(text) == text


@pytest.mark.parametrize(
    "text", ["\u200b", " \u2060\ufeff", "\u3164", "\u2800", "\x07\x1b", "\u00ad", "\ufe0f"]
)
def test_a_text_of_invisible_signs_has_nothing_to_see(text: str) -> None:
    assert not has_visible(text)


@pytest.mark.parametrize("text", ["M", "中", "🎬", "…", "\u200dא", "$"])
def test_any_visible_sign_is_seen(text: str) -> None:
    assert has_visible(text)
