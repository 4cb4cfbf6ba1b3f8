"""Text goes out small where the client takes it so; pictures and static files are that already."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "text/csv", "application/json", "application/problem+json")


class Compressing(GZipMiddleware):
    """Django's own, with its filler against guessing secrets from an answer's length."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
