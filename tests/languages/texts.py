"""The texts of the interface and their translations: `bin/texts` gathers, compiles and counts them.

Babel does the work. The `.po` is for people and git, so it names files and no lines, and keeps no dates:
two who add a text each do not meet in its header.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
SOURCE = Path(__file__).parents[2] / "src" / "mediatheque"
LOCALE = SOURCE / "web" / "locale"
LANGUAGES = ("de",)
METHODS = [("**/migrations/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def mo_file(language: str) -> Path:
    return po_file(language).with_suffix(".mo")


def gathered() -> Catalog:
    """Every text that the product says through gettext."""
    found = Catalog(project="Mediatheque", charset="utf-8")
    options = {"**/templates/**.html": JINJA}
    for name, _line, text, comments, context in extract_from_dir(
        str(SOURCE), METHODS, options, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def translated(language: str) -> Catalog:
    """What the `.po` of a language says."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> None:
    """Take in new texts, drop those that nobody says any more; nothing is guessed."""
    catalog = translated(language)
    catalog.update(gathered(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    out = io.BytesIO()
    write_po(out, catalog, width=110, omit_header=True, sort_output=True, include_lineno=False)
    header = po_file(language).read_text(encoding="utf-8").split("\n\n", 1)[0]
    po_file(language).write_text(f"{header}\n\n{out.getvalue().decode()}", encoding="utf-8")


def compiled(language: str) -> bytes:
    """The `.mo` of the `.po` as it stands, the same bytes whenever it is made."""
    out, catalog = io.BytesIO(), translated(language)
    catalog.creation_date = catalog.revision_date = NEVER
    for message in [each for each in catalog if each.id and not _is_done(each)]:
        catalog.delete(message.id, message.context)
    write_mo(out, catalog)
    return out.getvalue()


def untranslated(language: str) -> list[Message]:
    """The texts that are said and have no translation, or only a guessed one."""
    known = translated(language)
    return [each for each in gathered() if each.id and not _is_done(known.get(each.id, each.context))]


def _is_done(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def main() -> int:
    """0 when every text is translated."""
    missing = 0
    for language in LANGUAGES:
        update(language)
        mo_file(language).write_bytes(compiled(language))
        left = untranslated(language)
        missing += len(left)
        for each in left:
            print(f"{language}: {each.id!r}  ({', '.join(sorted({name for name, _ in each.locations}))})")
        print(f"{language}: {len(list(gathered())) - 1} texts, {len(left)} to translate")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
