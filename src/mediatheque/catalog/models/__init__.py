"""The tables of the catalogue, by what they are of."""

from .entries import STATUSES, Entry, EntryWork
from .media import MEDIA_TYPES, OWNERSHIP, Media, MediaTerm, MediaWord
from .parts import Loan, MediaMetadata, Season, Variant
from .tags import MediaTag, Tag
from .views import LAYOUTS, SavedView
from .works import Work, WorkCertification, WorkEpisode, WorkSeason, WorkText

__all__ = [
    "LAYOUTS",
    "MEDIA_TYPES",
    "OWNERSHIP",
    "STATUSES",
    "Entry",
    "EntryWork",
    "Loan",
    "Media",
    "MediaMetadata",
    "MediaTag",
    "MediaTerm",
    "MediaWord",
    "SavedView",
    "Season",
    "Tag",
    "Variant",
    "Work",
    "WorkCertification",
    "WorkEpisode",
    "WorkSeason",
    "WorkText",
]
