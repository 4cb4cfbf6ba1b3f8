"""The sheet of all pictures, each with what was found beside it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from tests.browser.shots import Shot

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Look</title><style>
body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color-scheme:light dark;background:Canvas;color:CanvasText}
h2{margin:3rem 0 .5rem;border-top:1px solid;padding-top:.75rem}
.shots{display:grid;grid-template-columns:3fr 1fr 3fr 1fr;gap:1rem;align-items:start}
figure{margin:0;min-width:0}img{width:100%;height:auto;border:1px solid GrayText;display:block}
figcaption{font-size:13px}ul{margin:.25rem 0;padding-left:1.1rem;overflow-wrap:anywhere}
.bad{color:light-dark(#b3261e,#ff9c94);font-weight:600}
nav{columns:5 11rem;font-size:14px}nav a{display:block}
</style></head><body><h1>Look</h1>"""


def write_sheet(folder: Path, shots: Sequence[Shot]) -> Path:
    """`index.html` beside the pictures."""
    names = list(dict.fromkeys(shot.scene.name for shot in shots))
    bad = {shot.scene.name for shot in shots if shot.findings.serious}
    links = "".join(
        f'<a href="#{name}"{" class=bad" if name in bad else ""}>{escape(name)}</a>' for name in names
    )
    parts = [HEAD, f"<nav>{links}</nav>"]
    for name in names:
        parts.append(_part([shot for shot in shots if shot.scene.name == name]))
    page = folder / "index.html"
    page.write_text("".join(parts) + "</body></html>", encoding="utf-8")
    return page


def _part(shots: Sequence[Shot]) -> str:
    scene = shots[0].scene
    figures = "".join(_figure(shot) for shot in shots)
    return (
        f'<h2 id="{scene.name}">{escape(scene.name)} <small><code>{escape(scene.path)}</code></small></h2>'
        f'<div class="shots">{figures}</div>'
    )


def _figure(shot: Shot) -> str:
    found = shot.findings
    lines = [f'<li class="bad">{escape(each)}</li>' for each in found.serious]
    lines += [f"<li>{escape(each)}</li>" for each in found.notes]
    return (
        f'<figure><a href="{shot.file}"><img src="{shot.file}" alt="" loading="lazy"></a><figcaption>'
        f"{shot.width} {shot.theme} · {found.weight / 1000:.1f} kB · shift {found.shift}"
        f"<ul>{''.join(lines)}</ul></figcaption></figure>"
    )


def table(shots: Sequence[Shot]) -> str:
    """A row for each page: the worst of its four pictures."""
    lines = [f"{'page':24} {'kB':>6} {'shift':>7} {'serious':>8} {'notes':>6}"]
    for name in dict.fromkeys(shot.scene.name for shot in shots):
        found = [shot.findings for shot in shots if shot.scene.name == name]
        weight, shift = max(each.weight for each in found), max(each.shift for each in found)
        serious, notes = (len({t for each in found for t in getattr(each, k)}) for k in ("serious", "notes"))
        lines.append(f"{name:24} {weight / 1000:6.1f} {shift:7.4f} {serious or '–':>8} {notes or '–':>6}")
    return "\n".join(lines)


def complaints(shots: Sequence[Shot]) -> str:
    """Everything serious, once for each page, with the widths and themes it was seen in."""
    seen: dict[tuple[str, str], list[str]] = {}
    for shot in shots:
        for text in shot.findings.serious:
            seen.setdefault((shot.scene.name, text), []).append(f"{shot.width} {shot.theme}")
    return "\n".join(f"{name}: {text} [{', '.join(where)}]" for (name, text), where in seen.items())
