"""Generated covers: type and flat overprinted shapes from a title alone (C11).

Deterministic: the same kind, title and byline give the same bytes. Colours are computed in OKLCH and written
as sRGB hex in presentation attributes. The classes of a page do not reach into an `<img>`, so a cover carries
its own style sheet.
"""

import hashlib
import math
import random
from html import escape

# ---------------------------------------------------------------- colour


def _to_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """The sRGB hex of an OKLCH colour; chroma is reduced until it fits the gamut."""
    while chroma > 0:
        rgb = _to_rgb(lightness, chroma, hue)
        if all(-0.0005 <= v <= 1.0005 for v in rgb):
            break
        chroma -= 0.004
    else:
        rgb = _to_rgb(lightness, 0, hue)

    def gamma(v: float) -> int:
        v = min(1.0, max(0.0, v))
        v = 12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055
        return round(v * 255)

    return "#" + "".join(f"{gamma(v):02x}" for v in rgb)


class Palette:
    """Four inks on one sheet: ground, text, spot (loud), second (quiet)."""

    def __init__(self, hue: float, scheme: int, r: random.Random) -> None:
        turn = r.choice([38, 62, 150, 195, -48])
        if scheme == 0:  # printed on pale board
            self.ground = oklch(0.91, 0.045, hue)
            self.text = oklch(0.26, 0.07, hue + 10)
            self.spot = oklch(0.58, 0.17, hue + turn)
            self.second = oklch(0.74, 0.11, hue)
            self.dark = False
        elif scheme == 1:  # house lights down
            self.ground = oklch(0.27, 0.065, hue)
            self.text = oklch(0.95, 0.03, hue + turn)
            self.spot = oklch(0.77, 0.135, hue + turn)
            self.second = oklch(0.43, 0.11, hue)
            self.dark = True
        elif scheme == 2:  # flooded with one ink
            self.ground = oklch(0.50, 0.125, hue)
            self.text = oklch(0.975, 0.02, hue)
            self.spot = oklch(0.86, 0.10, hue + turn)
            self.second = oklch(0.38, 0.12, hue - 12)
            self.dark = True
        else:  # soft, with a deep counter colour
            self.ground = oklch(0.83, 0.07, hue)
            self.text = oklch(0.24, 0.075, hue + turn)
            self.spot = oklch(0.42, 0.15, hue + turn)
            self.second = oklch(0.93, 0.045, hue + 20)
            self.dark = False


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


# ---------------------------------------------------------------- shapes, each in a w × h box


def n(v: float) -> str:
    return f"{v:.1f}".rstrip("0").rstrip(".")


def rect(x: float, y: float, w: float, h: float, fill: str, extra: str = "") -> str:
    return f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" fill="{fill}"{extra}/>'


def circle(x: float, y: float, r: float, fill: str, extra: str = "") -> str:
    return f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" fill="{fill}"{extra}/>'


def path(d: str, fill: str, extra: str = "") -> str:
    return f'<path d="{d}" fill="{fill}"{extra}/>'


def mix(p: Palette) -> str:
    return ' class="scr"' if p.dark else ' class="mul"'


def discs(w: float, h: float, p: Palette, r: random.Random) -> str:
    m = min(w, h)
    flip = r.random() < 0.5
    x1, x2 = (0.64, 0.34) if flip else (0.36, 0.68)
    return circle(w * x1, h * 0.44, m * 0.40, p.spot) + circle(w * x2, h * 0.64, m * 0.29, p.second, mix(p))


def horizon(w: float, h: float, p: Palette, r: random.Random) -> str:
    y = h * r.uniform(0.5, 0.62)
    x = w * r.choice([0.32, 0.5, 0.7])
    rad = min(w, h) * 0.30
    out = circle(x, y, rad, p.spot) + rect(0, y, w, h - y, p.second)
    for i in range(5):
        half = rad * (1 - i * 0.17)
        out += rect(x - half, y + (i + 0.7) * (h - y) / 6.2, half * 2, max(1.4, 5 - i * 0.8), p.spot)
    return out


def skyline(w: float, h: float, p: Palette, r: random.Random) -> str:
    count, x, out = r.choice([6, 7, 8]), 0.0, ""
    cuts = sorted(r.uniform(0.55, 1.6) for _ in range(count))
    r.shuffle(cuts)
    total = sum(cuts)
    inks = [p.spot, p.second, p.text]
    for i, c in enumerate(cuts):
        bw = c / total * w
        bh = h * r.uniform(0.42, 0.98)
        out += rect(x, h - bh, bw + 0.4, bh, inks[(i + r.randint(0, 1)) % 3])
        x += bw
    return out


def stairs(w: float, h: float, p: Palette, r: random.Random) -> str:
    steps = r.choice([5, 6, 7])
    up = r.random() < 0.5
    out = ""
    for i in range(steps):
        k = i if up else steps - 1 - i
        sh = h * (0.16 + 0.78 * k / (steps - 1))
        out += rect(i * w / steps, h - sh, w / steps + 0.4, sh, p.spot if i % 2 else p.second)
    return out + circle(w * (0.2 if up else 0.8), h * 0.26, min(w, h) * 0.13, p.text)


def arcs(w: float, h: float, p: Palette, r: random.Random) -> str:
    right = r.random() < 0.5
    cx = w if right else 0
    m = min(w * 1.02, h * 1.02)
    inks = [p.spot, p.ground, p.second, p.ground, p.spot, p.text]
    return "".join(circle(cx, h, m * (1 - i * 0.165), ink) for i, ink in enumerate(inks))


def windows(w: float, h: float, p: Palette, r: random.Random) -> str:
    cols, rows = 5, max(3, round(h / w * 6))
    gap = w * 0.028
    margin = w * 0.08
    cw = (w - 2 * margin - gap * (cols - 1)) / cols
    ch = (h - margin - gap * (rows - 1)) / rows
    lit = {r.randrange(cols * rows) for _ in range(r.choice([2, 3, 4]))}
    out = ""
    for i in range(cols * rows):
        x, y = margin + (i % cols) * (cw + gap), (i // cols) * (ch + gap)
        out += rect(x, y, cw, ch, p.spot if i in lit else p.second)
    return out


def waves(w: float, h: float, p: Palette, r: random.Random) -> str:
    out, inks = "", [p.second, p.spot, p.second, p.text, p.spot]
    start = r.uniform(0, 6)
    for i, ink in enumerate(inks):
        y = h * (0.10 + 0.18 * i)
        amp = h * (0.055 + 0.012 * i)
        k = w / 2
        s = amp * math.sin(start + i * 1.9)
        d = (
            f"M0 {n(y + s)}C{n(k * 0.5)} {n(y - amp + s)} {n(k * 0.6)} {n(y - amp)} {n(k)} {n(y)}"
            f"S{n(w - k * 0.4)} {n(y + amp)} {n(w)} {n(y - s)}V{n(h)}H0z"
        )
        out += path(d, ink)
    return out


def beam(w: float, h: float, p: Palette, r: random.Random) -> str:
    left = r.random() < 0.5
    x0, x1 = (w * 0.08, w * 0.74) if left else (w * 0.92, w * 0.26)
    y0 = h * 0.10
    ry, rx, cy = h * 0.17, w * 0.24, h * 0.78
    out = path(f"M{n(x0)} {n(y0)}L{n(x1 - rx)} {n(cy)}L{n(x1 + rx)} {n(cy)}z", p.second)
    out += f'<ellipse cx="{n(x1)}" cy="{n(cy)}" rx="{n(rx)}" ry="{n(ry)}" fill="{p.spot}"/>'
    return out + circle(x0, y0, min(w, h) * 0.045, p.spot)


def halftone(w: float, h: float, p: Palette, r: random.Random) -> str:
    cols = 9
    step = w / cols
    rows = int(h / step) + 1
    fx, fy = w * r.uniform(0.25, 0.75), h * r.uniform(0.35, 0.75)
    out = ""
    for j in range(rows):
        for i in range(cols):
            x, y = (i + 0.5) * step, (j + 0.5) * step
            d = math.hypot(x - fx, y - fy) / (w * 0.72)
            rad = step * 0.56 * max(0.10, 1 - d)
            out += f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(rad)}"/>'
    return f'<g fill="{p.spot}">{out}</g>'


def split(w: float, h: float, p: Palette, r: random.Random) -> str:
    a, b = r.uniform(0.1, 0.45), r.uniform(0.55, 0.95)
    if r.random() < 0.5:
        a, b = b, a
    out = path(f"M0 {n(h * a)}L{n(w)} {n(h * b)}V{n(h)}H0z", p.second)
    return out + circle(w * r.uniform(0.35, 0.65), h * 0.5, min(w, h) * 0.27, p.spot, mix(p))


def moon(w: float, h: float, p: Palette, r: random.Random) -> str:
    m = min(w, h) * 0.42
    x, y = w * 0.5, h * 0.52
    dx = m * r.choice([-0.42, 0.42])
    return (
        circle(x, y, m, p.spot)
        + circle(x + dx, y - m * 0.22, m * 0.82, p.ground)
        + circle(x + dx * 1.1, y + m * 0.02, m * 0.12, p.second)
    )


def bands(w: float, h: float, p: Palette, r: random.Random) -> str:
    out, y, i = "", h * 0.02, 0
    inks = [p.spot, p.second]
    thick = h * 0.018
    while y < h:
        out += rect(0, y, w, min(thick, h - y), inks[i % 2])
        y += thick + h * 0.052
        thick *= 1.42
        i += 1
    return out


def tiles(w: float, h: float, p: Palette, r: random.Random) -> str:
    cols = 3 if w < h * 1.4 else 6
    s = w / cols
    rows = math.ceil(h / s)
    out, inks = "", [p.spot, p.second, p.spot, p.text, p.second]
    for j in range(rows):
        for i in range(cols):
            x, y = i * s, h - (j + 1) * s
            ink = r.choice(inks)
            d = r.choice(
                [
                    f"M{n(x)} {n(y)}h{n(s)}a{n(s)} {n(s)} 0 0 1 -{n(s)} {n(s)}z",
                    f"M{n(x + s)} {n(y)}v{n(s)}a{n(s)} {n(s)} 0 0 1 -{n(s)} -{n(s)}z",
                    f"M{n(x + s)} {n(y + s)}h-{n(s)}a{n(s)} {n(s)} 0 0 1 {n(s)} -{n(s)}z",
                    f"M{n(x)} {n(y + s)}v-{n(s)}a{n(s)} {n(s)} 0 0 1 {n(s)} {n(s)}z",
                ]
            )
            out += path(d, ink)
    return out


def fan(w: float, h: float, p: Palette, r: random.Random) -> str:
    """Pages or rays opening from one point."""
    count = r.choice([7, 9])
    cx, cy = w * r.choice([0.0, 0.5, 1.0]), h
    reach = math.hypot(w, h)
    lo, hi = (0, 180) if cx == w * 0.5 else ((0, 90) if cx == 0 else (90, 180))
    inks = [p.spot, p.second, p.ground]
    out = ""
    for i in range(count):
        a0 = math.radians(lo + (hi - lo) * i / count)
        a1 = math.radians(lo + (hi - lo) * (i + 1) / count)
        q = [(cx + reach * math.cos(a), cy - reach * math.sin(a)) for a in (a0, a1)]
        out += path(f"M{n(cx)} {n(cy)}L{n(q[0][0])} {n(q[0][1])}L{n(q[1][0])} {n(q[1][1])}z", inks[i % 3])
    return out


ART = [discs, horizon, skyline, stairs, arcs, windows, waves, beam, halftone, split, moon, bands, tiles, fan]
FACES = ["cs", "cb", "ci", "cg"]
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


ALGORITHM_VERSION = 1
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
    draw, face, on_top = r.choice(ART), r.choice(FACES), r.random() < 0.6
    w, h = WIDTH, WIDTH if kind == "music" else HEIGHT
    size, lines = _fitted(shown, face, h)
    block = len(lines) * size * LEADING
    art_y = MARGIN + block + 14 if on_top else 0
    art_h = h - FOOT - art_y if on_top else h - FOOT - block - 22
    title_y = (MARGIN if on_top else art_h + 18) + size * 0.80
    flip = f' transform="translate({w} 0) scale(-1 1)"' if r.random() < 0.5 else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w * 2}" height="{h * 2}">'
        f"<style>{STYLE}</style>"
        f'<rect width="{w}" height="{h}" fill="{p.ground}"/>'
        f'<svg y="{n(art_y)}" width="{w}" height="{n(art_h)}" viewBox="0 0 {w} {n(art_h)}"><g{flip}>'
        f"{draw(w, art_h, p, r)}</g></svg>"
        f'<text class="{face}" font-size="{n(size)}" fill="{p.text}">{_lines(lines, title_y, size)}</text>'
        f'<text class="cc" font-size="8" x="{MARGIN}" y="{h - 12}" fill="{p.text}">{escape(credit)}</text>'
        f"{device(w - MARGIN - 9, h - 20, 9, p.text)}</svg>"
    )


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
