"""Generated covers: type and flat overprinted shapes from a title alone (C11).

Deterministic: the same kind, title and byline give the same bytes. Colours are computed in OKLCH and written
as sRGB hex in presentation attributes. The classes of a page do not reach into an `<img>`, so a cover carries
its own style sheet.
"""

import hashlib
import random
from functools import partial
from html import escape

from .cover_shapes import ALL_OVER, ART, Palette, Picture, initial, n, rect

# ---------------------------------------------------------------- setting type

_NARROW = set("iIjlft.,:;'’!|()-–")
_WIDE = set("mwMWЖШЩЮФ—@&")
UNSPACED = 0x2E80  # Han, kana and what follows: a line may end anywhere


def _width(s: str) -> float:
    """Width in em of a book face, a little generous: the true face is not known."""
    total = 0.0
    for ch in s:
        if ch == " ":
            total += 0.26
        elif ch in _NARROW:
            total += 0.34
        elif ch in _WIDE:
            total += 0.92
        elif ch.isupper():
            total += 0.74
        elif ord(ch) > UNSPACED:
            total += 1.02
        else:
            total += 0.55
    return total


def wrap(title: str, width: float, size: float, *, cut: bool = False) -> list[str]:
    """Greedy lines, then evened out so that no word is left alone where avoidable."""
    words = [piece for word in title.split() for piece in _pieces(word, width, size, cut)]
    lines: list[str] = []
    line = ""
    for word in words:
        trial = f"{line} {word}".strip()
        if line and _width(trial) * size > width:
            lines.append(line)
            line = word
        else:
            line = trial
    lines.append(line)
    if len(lines) > 1 and _width(lines[-1]) < 0.35 * max(_width(x) for x in lines):
        best = lines
        for step in range(1, 8):
            again = wrap_plain(words, width * (1 - 0.06 * step), size)
            if len(again) != len(lines):
                break
            best = again
        lines = best
    return lines


def _pieces(word: str, width: float, size: float, cut: bool) -> list[str]:
    """A word wider than the line in pieces: in scripts without spaces always, else only when it must be cut."""
    if _width(word) * size <= width or not (cut or any(ord(each) > UNSPACED for each in word)):
        return [word]
    pieces, piece = [], ""
    for character in word:
        if piece and _width(piece + character) * size > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def wrap_plain(words: list[str], width: float, size: float) -> list[str]:
    """Greedy lines of a width."""
    lines: list[str] = []
    line = ""
    for word in words:
        trial = f"{line} {word}".strip()
        if line and _width(trial) * size > width:
            lines.append(line)
            line = word
        else:
            line = trial
    return [*lines, line]


def fit(title: str, width: float, height: float, sizes: range) -> tuple[float, list[str]]:
    for size in sizes:
        lines = wrap(title, width, size)
        if max(_width(x) for x in lines) * size <= width and len(lines) * size * 1.06 <= height:
            return size, lines
    size = sizes[-1]
    return size, wrap(title, width, size, cut=True)


FACES = ["cs", "cb", "ci", "cg"]
LAYOUTS = (
    "above",
    "above",
    "below",
    "label",
)  # the title above the picture, below it, or on a label across it
WIDTH, HEIGHT, MARGIN, FOOT, LEADING = 200, 300, 14, 30, 1.04


def _seed(title: str, kind: str, byline: str) -> random.Random:
    digest = hashlib.sha256(f"{kind}:{title}:{byline}".encode()).hexdigest()
    return random.Random(digest)  # noqa: S311 - it draws pictures


def device(x: float, y: float, s: float, fill: str) -> str:
    """The folded leaflet, the mark of the house, at the foot of every generated cover."""
    q, d = s / 4, s * 0.75
    one = f"l{n(q)} -{n(q)}v{n(d)}l-{n(q)} {n(q)}z"
    two = f"l{n(q)} {n(q)}v{n(d)}l-{n(q)} -{n(q)}z"
    return (
        f'<path d="M{n(x)} {n(y + q)}{one}M{n(x + 2 * q)} {n(y + q)}{one}" fill="{fill}"/>'
        f'<path d="M{n(x + q)} {n(y)}{two}M{n(x + 3 * q)} {n(y)}{two}" fill="{fill}" fill-opacity=".55"/>'
    )


ALGORITHM_VERSION = 2
LONGEST_TITLE = 120
LONGEST_BYLINE = 46
STYLE = (
    "text{font-family:'Iowan Old Style','Palatino Linotype',Palatino,P052,Georgia,serif}"
    ".cb{font-weight:700}.ci{font-style:italic}"
    ".cg{font-family:system-ui,sans-serif;font-weight:800;letter-spacing:-.035em}"
    ".cc{font-family:system-ui,sans-serif;font-weight:500}"
    ".mul{mix-blend-mode:multiply}.scr{mix-blend-mode:screen}"
)


def cover_name(kind: str, title: str, byline: str) -> str:
    """What a cover's address carries: it changes when anything drawn on it does."""
    return hashlib.sha256(f"{ALGORITHM_VERSION}\x00{kind}\x00{title}\x00{byline}".encode()).hexdigest()[:32]


def cover_svg(kind: str, title: str, byline: str) -> str:
    """The cover as a complete SVG file: 2:3, square for music. Any script, any length."""
    shown, credit = _printable(title, LONGEST_TITLE) or "?", _printable(byline, LONGEST_BYLINE)
    r = _seed(title, kind, byline)
    p = Palette(r.randrange(0, 360), r.choice([0, 1, 1, 2, 2, 3]), r)
    letter = next((each.upper() for each in shown if each.isalnum()), "?")
    pictures: list[Picture] = [*ART, partial(initial, letter)]
    draw, face, layout = r.choice(pictures), r.choice(FACES), r.choice(LAYOUTS)
    w, h = WIDTH, WIDTH if kind == "music" else HEIGHT
    size, lines = _fitted(shown, face, h)
    block = len(lines) * size * LEADING
    if layout == "label" and draw not in ALL_OVER:
        layout = "below"
    art_y, art_h, title_y = _places(layout, h, block)
    flip = f' transform="translate({w} 0) scale(-1 1)"' if r.random() < 0.5 and draw in ART else ""
    label = rect(0, title_y - 12, w, block + 24, p.ground) if layout == "label" else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w * 2}" height="{h * 2}">'
        f"<style>{STYLE}</style>"
        f'<rect width="{w}" height="{h}" fill="{p.ground}"/>'
        f'<svg y="{n(art_y)}" width="{w}" height="{n(art_h)}" viewBox="0 0 {w} {n(art_h)}"><g{flip}>'
        f"{draw(w, art_h, p, r)}</g></svg>{label}"
        f'<text class="{face}" font-size="{n(size)}" fill="{p.text}">'
        f"{_lines(lines, title_y + size * 0.80, size)}</text>"
        f'<text class="cc" font-size="8" x="{MARGIN}" y="{h - 12}" fill="{p.text}">{escape(credit)}</text>'
        f"{device(w - MARGIN - 9, h - 20, 9, p.text)}</svg>"
    )


def _places(layout: str, h: float, block: float) -> tuple[float, float, float]:
    """Where the picture begins, how high it is, and where the title's block begins."""
    if layout == "above":
        return MARGIN + block + 14, h - FOOT - MARGIN - block - 14, MARGIN
    if layout == "below":
        return 0, h - FOOT - block - 22, h - FOOT - block - 4
    return 0, h - FOOT, (h - FOOT - block) * 0.62


def _fitted(title: str, face: str, height: float) -> tuple[float, list[str]]:
    """The largest size at which the title fits its share of the cover, and its lines."""
    wide = face in ("cb", "cg")
    room = height * (0.36 if height == HEIGHT else 0.40)
    return fit(
        title, (WIDTH - 2 * MARGIN) / (1.09 if wide else 1.0), room, range(36 if face == "cg" else 40, 10, -1)
    )


def _lines(lines: list[str], y: float, size: float) -> str:
    return "".join(
        f'<tspan x="{MARGIN}" y="{n(y + i * size * LEADING)}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )


def _printable(text: str, longest: int) -> str:
    """Without what XML forbids, cut with an ellipsis."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= longest else clean[: longest - 1].rstrip() + "…"
