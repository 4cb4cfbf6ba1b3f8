"""Every address of the product; each room brings its own."""

from django.urls import URLPattern, URLResolver, path

from mediatheque.catalog import pages as catalog_pages
from mediatheque.intake import pages as intake_pages
from mediatheque.operations.api import metrics
from mediatheque.people import pages as people_pages
from mediatheque.spaces import pages as spaces_pages
from mediatheque.spaces import trail_pages

from . import installable, styleguide
from .api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("metrics", metrics),
    *catalog_pages.urlpatterns,
    *intake_pages.urlpatterns,
    *trail_pages.urlpatterns,
    *people_pages.urlpatterns,
    *spaces_pages.urlpatterns,
    *installable.urlpatterns,
    *styleguide.urlpatterns,
]
handler400 = "mediatheque.web.errors.malformed"
handler403 = "mediatheque.web.errors.forbidden"
handler404 = "mediatheque.web.errors.missing"
handler500 = "mediatheque.web.errors.failure"
