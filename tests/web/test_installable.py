"""The manifest and the component library."""

import re
from pathlib import Path

from django.test import Client, override_settings

from mediatheque import web
from tests.support import Actor


def test_manifest_names_icons_that_are_there(alice: Actor) -> None:
    response = Client().get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert manifest["display"] == "standalone"
    assert {each.get("purpose", "any") for each in manifest["icons"]} == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {each["sizes"] for each in manifest["icons"]}


def test_styleguide_shows_every_macro(alice: Actor) -> None:
    templates = Path(web.__file__).parent / "templates"
    macros = re.findall(r"{% macro ([a-z]\w*)", (templates / "ui.html").read_text())
    guide = (templates / "styleguide.html").read_text()
    assert [each for each in macros if f"ui.{each}(" not in guide] == []
    assert 'class="asked"' in alice.client.get("/styleguide").content.decode()


def test_styleguide_is_for_builders_alone(alice: Actor) -> None:
    assert "Components" in alice.client.get("/styleguide").content.decode()
    with override_settings(PRODUCTION=True):
        assert alice.client.get("/styleguide").status_code == 404
