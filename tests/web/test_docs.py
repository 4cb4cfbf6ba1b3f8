"""The interactive document: what it tries out carries the session's CSRF token, or a token of one's own."""

import json
import re

from django.test import Client

from mediatheque.web.api import api


def test_the_document_offers_a_bearer_token():
    document = api.get_openapi_schema()
    assert document["components"]["securitySchemes"] == {"SignedIn": {"type": "http", "scheme": "bearer"}}
    assert document["paths"]["/api/media"]["post"]["security"] == [{"SignedIn": []}]
    assert "security" not in document["paths"]["/api/health"]["get"]


def test_a_write_tried_out_in_the_page_is_let_in(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["session"] = alice.session_key
    page = browser.get("/api/docs")
    assert page.status_code == 200
    text = page.content.decode()
    token = re.search(r'data-csrf-token="(\w+)"', text)[1]
    assert 'data-api-csrf="true"' in text
    body = json.dumps({"name": "Tried out"})
    refused = browser.post("/api/libraries", body, content_type="application/json")
    assert refused.status_code == 403
    made = browser.post(
        "/api/libraries", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert made.status_code == 201, made.content


def test_the_page_asks_no_other_host_and_holds_no_script():
    page = Client().get("/api/docs")
    text = page.content.decode()
    assert (
        json.loads(re.search(r'id="swagger-settings">(.*?)</script>', text, re.S)[1])["validatorUrl"] is None
    )
    assert re.findall(r'(?:src|href)="(?!/)', text) == []
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "unsafe" not in page["Content-Security-Policy"]
