"""The pictures on generated covers: flat shapes in a palette of four inks, each in a box of any size (C11)."""

import math
import random
from collections.abc import Callable
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
    cols = 8
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


def rings(w: float, h: float, p: Palette, r: random.Random) -> str:
    cx, cy = w * r.uniform(0.2, 0.8), h * r.uniform(0.25, 0.75)
    far, inks = math.hypot(w, h) * 0.72, [p.second, p.ground, p.spot, p.ground]
    return "".join(circle(cx, cy, far * (1 - i * 0.125), inks[i % 4]) for i in range(8))


def slopes(w: float, h: float, p: Palette, r: random.Random) -> str:
    lean, count = w * r.uniform(0.4, 0.9), r.choice([5, 6, 8])
    wide = (w + lean) / count
    inks = [p.spot, p.ground, p.second, p.ground] if r.random() < 0.5 else [p.second, p.spot, p.text, p.spot]
    out = ""
    for i in range(count):
        x = i * wide
        out += path(
            f"M{n(x)} 0h{n(wide + 0.5)}L{n(x + wide + 0.5 - lean)} {n(h)}h-{n(wide + 0.5)}z", inks[i % 4]
        )
    return out


def sails(w: float, h: float, p: Palette, r: random.Random) -> str:
    foot, out = h * 0.86, rect(0, h * 0.86, w, h * 0.14, p.second)
    for at, ink in zip((0.16, 0.42, 0.68), r.sample([p.spot, p.text, p.spot], 3), strict=True):
        x, tall = w * at, h * r.uniform(0.42, 0.8)
        out += path(f"M{n(x)} {n(foot)}V{n(foot - tall)}L{n(x + w * 0.24)} {n(foot)}z", ink)
    return out


def seeds(w: float, h: float, p: Palette, r: random.Random) -> str:
    inks, out = [p.spot, p.spot, p.second, p.text], ""
    for i in range(26):
        x, y = (i % 4 + r.uniform(0.1, 0.9)) * w / 4, (i // 4 + r.uniform(0.1, 0.9)) * h / 6.5
        out += circle(x, y, w * r.choice([0.02, 0.03, 0.05, 0.09]), r.choice(inks))
    return out


def frames(w: float, h: float, p: Palette, r: random.Random) -> str:
    inks, out = [p.spot, p.ground, p.second, p.ground, p.text, p.spot], ""
    dx, dy = w * r.uniform(0.3, 0.7), h * r.uniform(0.3, 0.7)
    for i, ink in enumerate(inks):
        k = 1 - i * 0.165
        out += rect(dx - dx * k, dy - dy * k, w * k, h * k, ink)
    return out


def blinds(w: float, h: float, p: Palette, r: random.Random) -> str:
    out, x = "", 0.0
    while x < w:
        wide = w * r.choice([0.02, 0.035, 0.06, 0.11])
        out += rect(x, 0, min(wide, w - x), h, r.choice([p.spot, p.second, p.text, p.ground]))
        x += wide + w * 0.02
    return out


def scales(w: float, h: float, p: Palette, r: random.Random) -> str:
    size = w / r.choice([3, 4])
    rows, inks, out = math.ceil(h / (size * 0.5)) + 1, [p.spot, p.second, p.text], ""
    for j in range(rows):
        ink = inks[(j + (j // 3)) % 3]
        for i in range(-1, math.ceil(w / size) + 1):
            x = (i + 0.5 + (j % 2) * 0.5) * size
            out += circle(x, j * size * 0.5, size * 0.5, ink)
    return f'<g stroke="{p.ground}" stroke-width="2">{out}</g>'


def leaves(w: float, h: float, p: Palette, r: random.Random) -> str:
    x, count = w * r.uniform(0.4, 0.6), r.choice([4, 5, 6])
    out = rect(x - 1.5, h * 0.08, 3, h * 0.92, p.text)
    for i in range(count):
        y, reach = h * (0.2 + 0.72 * i / count), w * (0.22 + 0.04 * i)
        for side, ink in ((1, p.spot), (-1, p.second)):
            q = f"Q{n(x + side * reach * 0.4)} {n(y - h * 0.16)} {n(x + side * reach)} {n(y - h * 0.12)}"
            out += path(
                f"M{n(x)} {n(y)}{q}Q{n(x + side * reach * 0.7)} {n(y + h * 0.02)} {n(x)} {n(y)}z", ink
            )
    return out


def orbits(w: float, h: float, p: Palette, r: random.Random) -> str:
    cx, cy, out = w * 0.5, h * 0.5, ""
    for i in range(4):
        rx = w * (0.18 + 0.1 * i)
        out += (
            f'<ellipse cx="{n(cx)}" cy="{n(cy)}" rx="{n(rx)}" ry="{n(rx * 0.42)}" fill="none" stroke="{p.second}" '
            f'stroke-width="3" transform="rotate({r.choice([-28, -18, 24])} {n(cx)} {n(cy)})"/>'
        )
    turn = r.uniform(0, 6)
    return (
        out
        + circle(cx, cy, min(w, h) * 0.13, p.spot)
        + circle(cx + w * 0.36 * math.cos(turn), cy + w * 0.16 * math.sin(turn), w * 0.045, p.text)
    )


def initial(letter: str, w: float, h: float, p: Palette, r: random.Random) -> str:
    """The title's first sign, larger than its sheet."""
    size, face = min(w * 1.5, h * 1.35), r.choice(["cs", "cb", "ci", "cg"])
    x = w * r.uniform(-0.06, 0.18)
    return (
        circle(w * r.uniform(0.6, 0.85), h * r.uniform(0.2, 0.4), min(w, h) * 0.3, p.second)
        + f'<text class="{face}" font-size="{n(size)}" x="{n(x)}" y="{n(h * 0.5 + size * 0.36)}" fill="{p.spot}">'
        f"{escape(letter)}</text>"
    )


Picture = Callable[[float, float, Palette, random.Random], str]
ART: list[Picture] = [
    discs, horizon, skyline, stairs, arcs, windows, waves, beam, halftone, split, moon, bands, tiles, fan,
    rings, slopes, sails, seeds, frames, blinds, scales, leaves, orbits,
]  # fmt: skip
# These fill their box, so that a label may lie across them.
ALL_OVER: tuple[Picture, ...] = (
    halftone,
    bands,
    tiles,
    fan,
    rings,
    slopes,
    seeds,
    blinds,
    scales,
    windows,
    waves,
)
