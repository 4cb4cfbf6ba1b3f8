"""The covers that stand beside the items of our own ZIP, into the items they make (I10)."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mediatheque.catalog import covers
from mediatheque.core import images, storage
from mediatheque.core.errors import Refusal
from mediatheque.core.scope import Scope
from mediatheque.intake.reading import NotATable
from mediatheque.intake.records import Record
from mediatheque.intake.sources.sheets import archive, member


class Pictures:
    """The pictures of a job's file, found by the names its rows give; of another kind of file there are none."""

    def __init__(self, opened: zipfile.ZipFile | None) -> None:
        self._opened = opened

    def give(self, scope: Scope, made: Iterable[tuple[Record, UUID]]) -> None:
        """Each row's picture to the item that it made; one that cannot be used is told."""
        for record, media_id in made:
            if record.image is None or self._opened is None:
                continue
            try:
                with transaction.atomic():
                    content = self._content(self._opened, record.image)
                    covers.put(scope, media_id, covers.COVER, content)
            except (Refusal, NotATable, *BROKEN) as error:
                told = getattr(error, "detail", "") or getattr(error, "message", "")
                message = _("Its picture was left out. %(reason)s") % {"reason": told}
                record.say("picture.left_out", "poster", message.strip())

    def _content(self, opened: zipfile.ZipFile, name: str) -> bytes:
        found = member(opened, name)
        if found is None:
            raise NotATable("picture.missing", _("It is not in the file."))
        with found:
            return found.read(images.MOST_BYTES + 1)


BROKEN = (zipfile.BadZipFile, EOFError, OSError, ValueError)


@contextmanager
def pictures_of(file: str) -> Iterator[Pictures]:
    """Those of a stored file, read apart from its rows, which another thread reads."""
    with storage.open_file(file) as stored:
        yield Pictures(archive(cast(BinaryIO, stored)))
