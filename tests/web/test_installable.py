"""The manifest and the component library."""

from django.test import Client, override_settings

from tests.support import Actor


def test_manifest_names_icons_that_are_there(alice: Actor) -> None:
    response = Client().get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert manifest["display"] == "standalone"
    assert {each.get("purpose", "any") for each in manifest["icons"]} == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {each["sizes"] for each in manifest["icons"]}


def test_styleguide_is_for_builders_alone(alice: Actor) -> None:
    assert "Components" in alice.client.get("/styleguide").content.decode()
    with override_settings(PRODUCTION=True):
        assert alice.client.get("/styleguide").status_code == 404
