"""Django's settings, made from the validated configuration. Nothing here reads the environment itself."""

import os
from pathlib import Path
from typing import Any

from mediatheque.core import config, logs, roles
from mediatheque.core.database_url import django_database

CONFIG = config.load(os.environ)
ROOT = Path(__file__).resolve().parent

SECRET_KEY = CONFIG.secret_key
DEBUG = False
ALLOWED_HOSTS = list(CONFIG.allowed_hosts)
PRODUCTION = CONFIG.production

INSTALLED_APPS = [
    "mediatheque.core",
    "mediatheque.audit",
    "mediatheque.people",
    "mediatheque.spaces",
    "mediatheque.catalog",
    "mediatheque.intake",
    "mediatheque.operations",
    "mediatheque.web",
    "procrastinate.contrib.django",
    "django_htmx",
    "ninja",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "mediatheque.web.middleware.Answers",
    "mediatheque.web.compressing.Compressing",
    "mediatheque.web.door.Door",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "mediatheque.web.middleware.Language",
    "django_htmx.middleware.HtmxMiddleware",
    "mediatheque.web.middleware.ScopeOfRequest",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "mediatheque.web.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "fields.W906",  # foreign keys of ours are composite and live in the database
    "postgres.E005",  # django.contrib.postgres is installed
]

DATABASES: dict[str, Any] = {"default": django_database(CONFIG.database_url or "")}
APPLICATION_ROLE = DATABASES["default"]["USER"] or roles.APPLICATION
if CONFIG.database_owner_url:
    DATABASES["owner"] = django_database(CONFIG.database_owner_url) | {"TEST": {"MIRROR": "default"}}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]

STORAGES = {
    "default": {
        "BACKEND": "mediatheque.core.storage.ContentStorage",
        "OPTIONS": {"location": str(CONFIG.data / "files")},
    },
    "staticfiles": {"BACKEND": "mediatheque.web.staticfiles.Hashed"},
}
STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.data / "static"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

TEMPLATES = [
    {
        "BACKEND": "mediatheque.web.jinja.Templates",
        "DIRS": [ROOT / "templates"]
        + [ROOT.parent / room / "templates" for room in ("people", "spaces", "catalog", "intake", "audit")],
        "APP_DIRS": False,
        "OPTIONS": {"context_processors": ["mediatheque.web.shell.context"]},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    },  # the API's own document
]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
]  # what the interface speaks; titles have more (core/languages.py)
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "mediatheque.web.formats"
USE_TZ = True
TIME_ZONE = "UTC"

CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_SAMESITE = "Strict"  # Django's messages take it for their cookie as well
SESSION_COOKIE_SECURE = PRODUCTION
SEARCH_OVERVIEWS = CONFIG.search_overviews
SESSION_DAYS = CONFIG.session_days
MAX_SESSIONS_PER_PERSON = CONFIG.max_sessions_per_person
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

DATA_UPLOAD_MAX_MEMORY_SIZE = None  # the front has already refused what is too large
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

REGISTRATION = CONFIG.registration
AUDIT_LOG_MODE = CONFIG.audit_log_mode
AUDIT_RETENTION_DAYS = CONFIG.audit_retention_days
TRUST_PROXY = CONFIG.trust_proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
FETCH_PRIVATE_NETWORKS = CONFIG.fetch_private_networks
METRICS_TOKEN = CONFIG.metrics_token
DATA = CONFIG.data
VERSION = {"version": CONFIG.app_version, "git_sha": CONFIG.git_sha, "build_date": CONFIG.build_date}

LOGGING_CONFIG = None
logs.configure(production=CONFIG.production, level=CONFIG.log_level)
NINJA_MAX_PER_PAGE_SIZE = 200
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
