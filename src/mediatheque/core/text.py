"""Keys made from words: for comparing, sorting and searching titles in any script (C3, C4, I3).

The embedded PostgreSQL has neither ICU nor unaccent, so every key is made here and compared with
COLLATE "C". All functions are pure; keys are short enough for a btree whatever the title.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from unicodedata import category, combining, decimal, normalize

KEY_LENGTH = 280  # characters; four bytes each still leave room in a btree row of 2,704 bytes
WORD_LENGTH = 64


def fold(text: str) -> str:
    """The text without regard to case, accents, width and typography; never empty if the text is not."""
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split()) or text
    plain = normalize("NFKD", text.translate(_TYPOGRAPHY)).translate(_LETTERS).casefold()
    plain = normalize("NFKD", plain).translate(_LETTERS)
    plain = normalize("NFC", " ".join(plain.split()))
    if plain.translate(_ATTACHED):
        return plain
    return " ".join(text.casefold().split()) or text


@lru_cache(maxsize=8192)  # an import asks for each title's key several times
def match_key(title: str) -> str:
    """Two titles are the same title when their keys are equal (I3).

    Punctuation does not count, `&` is "and", leading articles do count. A title of symbols only
    (*$*, *???*) keeps them, so no title has an empty key.
    """
    folded = fold(title).replace("&", " and ")
    if "*" in folded:
        folded = _joined_initials(folded)
    bare = " ".join(_without_punctuation(folded).split())
    return _bounded(bare or folded)


def sort_title(title: str, language: str | None) -> str:
    """The title without the leading article of its own language: *Die Hard* stays in English (C3)."""
    articles = _ARTICLES.get(_primary(language))
    bare = title.strip()
    if articles is None:
        return bare
    found = articles.match(bare)
    if found is None:
        return bare
    rest = bare[found.end() :].strip()
    if not bare[0].isalnum():
        rest = rest.rstrip("\"'”’»“)]")
    return rest if any(mark.isalnum() for mark in rest) else bare


def sort_key(title: str, language: str | None) -> str:
    """What titles are ordered by, under COLLATE "C": no article, no punctuation, 2 before 10 (C3).

    `language` is that of the title, as a BCP 47 or ISO 639 code; without one no article is left out.
    A sort title that a person wrote is given without a language.
    """
    folded = fold(sort_title(title, language))
    bare = " ".join(_without_punctuation(folded.replace("&", " and ")).split()) or folded
    return _NUMBER.sub(_padded, bare)[:KEY_LENGTH]


def words(text: str, *, endings: bool = False) -> list[str]:
    """The folded words of a text for the word table, each once, in order (C4).

    Han, kana and Hangul are given as overlapping pairs of characters, a lone one as itself; with `endings`
    the last one as well, which begins no pair and would not be found alone.
    Initials join (S.H.I.E.L.D.), an elided article falls away (l'avventura), other apostrophes close up.
    """
    folded = _ELISION.sub(" ", _joined_initials(fold(text))).replace("'", "")
    if folded.isascii():
        found = _ASCII_WORD.findall(folded)
    else:
        found = []
        for word in folded.translate(_WORD_MARKS).split():
            for part, run in _CJK_RUN.findall(word):
                found += [part] if part else [*_pairs(run), *(run[-1:] if endings else ())]
    return list(dict.fromkeys(word[:WORD_LENGTH] for word in found))


def is_unspaced(word: str) -> bool:
    """Whether the word is of a script that parts no words: Han, kana, and Hangul with them."""
    return _CJK_ONLY.fullmatch(word) is not None


def has_unstorable(text: str) -> bool:
    """Whether PostgreSQL would refuse the text: NUL, or half of a surrogate pair."""
    return _UNSTORABLE.search(text) is not None


def refuse_unstorable(text: str) -> str:
    """The text itself; ValueError where `has_unstorable`."""
    if has_unstorable(text):
        raise ValueError("The text contains characters that cannot be stored.")
    return text


def has_visible(text: str) -> bool:
    """Whether there is anything to be seen: no name is made of spaces, controls and fillers alone."""
    return any(not mark.isspace() and mark not in _FILLERS and category(mark) not in _UNSEEN for mark in text)


def _joined_initials(folded: str) -> str:
    return _INITIALS.sub(lambda found: re.sub(r"[.*]", "", found[0]), folded)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _without_punctuation(folded: str) -> str:
    if folded.isascii():
        return _ASCII_PUNCTUATION.sub(" ", _ASCII_CLOSING.sub("", folded))
    return folded.translate(_PUNCTUATION)


def _bounded(key: str) -> str:
    """Long keys end in a digest of themselves, so that equality stays exact."""
    if len(key) <= KEY_LENGTH:
        return key
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return key[: KEY_LENGTH - 33] + "#" + digest


def _padded(found: re.Match[str]) -> str:
    return found[0].lstrip("0").zfill(10)


def _primary(language: str | None) -> str:
    code = (language or "").replace("_", "-").split("-")[0].lower()
    return _THREE_LETTERS.get(code, code)


class _ByMark(dict[int, str | int | None]):
    """A translation table filled as characters are met; only the basic plane is remembered."""

    def __missing__(self, code: int) -> str | int | None:
        found = self.of(chr(code), category(chr(code)))
        if code < 0x10000:
            self[code] = found
        return found

    def of(self, mark: str, kind: str) -> str | int | None:
        raise NotImplementedError


class _Letters(_ByMark):
    """After decomposition: accents fall away, digits of all scripts become ASCII."""

    def of(self, mark: str, kind: str) -> str | int | None:
        if kind == "Cf" or "\ufe00" <= mark <= "\ufe0f":
            return None
        if kind == "Mn" and _is_accent(mark):
            return None
        return str(decimal(mark)) if kind == "Nd" else ord(mark)


class _Attached(_ByMark):
    """Marks that are nothing without a letter."""

    def of(self, mark: str, kind: str) -> str | int | None:
        return None if kind[0] in "MZC" else ord(mark)


class _Punctuation(_ByMark):
    """Apostrophes and full stops close up, other punctuation parts words, symbols stay."""

    def of(self, mark: str, kind: str) -> str | int | None:
        if mark in "'.’":
            return None
        return " " if kind[0] in "PZC" or kind == "Sk" or mark in "|~" else ord(mark)


class _WordMarks(_ByMark):
    """Letters, numbers and the marks that belong to them stay."""

    def of(self, mark: str, kind: str) -> str | int | None:
        return ord(mark) if kind[0] in "LNM" else " "


def _is_accent(mark: str) -> bool:
    """Marks of Latin, Greek and Cyrillic, and the optional points of Hebrew and Arabic.

    Kana voicing, Indic vowel signs and Thai tones are letters to their readers and stay.
    """
    return combining(mark) != 0 and any(low <= mark <= high for low, high in _ACCENTS)


_ACCENTS = [
    ("\u0300", "\u036f"), ("\u0483", "\u0487"), ("\u0591", "\u05c7"), ("\u0610", "\u061a"),
    ("\u064b", "\u065f"), ("\u0670", "\u0670"), ("\u06d6", "\u06ed"), ("\u1ab0", "\u1aff"),
    ("\u1dc0", "\u1dff"), ("\u20d0", "\u20ff"), ("\ufe20", "\ufe2f"),
]  # fmt: skip
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’‚‛ʼʻ′´`＇", "'")
    | dict.fromkeys("“”„‟«»″〝〞＂", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("™®©℠", None)
    | {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "⁄": "/"}
)
_LETTERS = _Letters(
    {
        ord(letter): plain
        for letter, plain in {
            "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
            "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ħ": "h", "Ħ": "h",
            "ŧ": "t", "Ŧ": "t", "ŋ": "n", "Ŋ": "n", "ı": "i", "ĸ": "k", "ß": "ss", "ẞ": "ss",
        }.items()
    }
)  # fmt: skip
_ATTACHED = _Attached()
_PUNCTUATION = _Punctuation()
_WORD_MARKS = _WordMarks()

_ASCII_CLOSING = re.compile(r"['.]")
_ASCII_PUNCTUATION = re.compile(r"""[\x00-\x1f!"#%()*,\-/:;?@\[\\\]_{}|~^`]+""")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_CJK = r"\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_ONLY = re.compile(rf"[{_CJK}]+")
_CJK_RUN = re.compile(rf"([^{_CJK}]+)|([{_CJK}]+)")
_INITIALS = re.compile(r"(?<!\w)(?:\w[.*]){2,}\w?(?!\w)")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|un|dell|all|nell|sull)'(?=\w\w)")
_NUMBER = re.compile(r"[0-9]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_FILLERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_THREE_LETTERS = {"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es"}
_OPENING = r"^[\W_]*"
_ARTICLES = {
    "en": re.compile(_OPENING + r"(?:the|an?)\s+", re.IGNORECASE),
    "de": re.compile(_OPENING + r"(?:der|die|das|eine?)\s+", re.IGNORECASE),
    "fr": re.compile(_OPENING + r"(?:(?:les?|la|une?|des)\s+|l\s*['’]\s*)", re.IGNORECASE),
    "es": re.compile(_OPENING + r"(?:el|l[ao]s?|un[ao]?s?)\s+", re.IGNORECASE),
}
