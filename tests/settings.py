"""The product's settings with a quick password hash: tests hash hundreds of times."""

from mediatheque.web.settings import *  # noqa: F403
from mediatheque.web.settings import PASSWORD_HASHERS, STORAGES

PASSWORD_HASHERS = ["tests.support.QuickArgon2", *PASSWORD_HASHERS]
REGISTRATION = "open"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
