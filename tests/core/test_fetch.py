"""The guarded fetch: what may be connected to, at connect and at every redirect."""

import socket
from ipaddress import ip_address, ip_network

import httpx
import pytest

from mediatheque.core import fetch

LOOPBACK = [ip_network("127.0.0.0/8")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.10", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:a00:1::",
    ],
)  # fmt: skip
def test_private_and_special_addresses_are_refused(address):
    assert not fetch.may_fetch_from(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_public_addresses_are_allowed(address):
    assert fetch.may_fetch_from(ip_address(address))


def test_a_listed_network_is_allowed_and_no_other():
    listed = [ip_network("192.168.1.0/24")]
    assert fetch.may_fetch_from(ip_address("192.168.1.10"), listed)
    assert not fetch.may_fetch_from(ip_address("192.168.2.10"), listed)


def test_a_server_on_loopback_is_reached_only_when_its_network_is_listed(httpserver):
    httpserver.expect_request("/").respond_with_data("plex")
    with fetch.client(private_networks=LOOPBACK) as client:
        assert client.get(httpserver.url_for("/")).text == "plex"
    with (
        fetch.client(private_networks=[]) as client,
        pytest.raises(httpx.ConnectError, match="FETCH_PRIVATE_NETWORKS"),
    ):
        client.get(httpserver.url_for("/"))


def test_a_redirect_to_a_private_address_is_refused(httpserver):
    httpserver.expect_request("/").respond_with_data("", 302, {"Location": "http://10.255.255.1:9/secret"})
    with (
        fetch.client(private_networks=LOOPBACK) as client,
        pytest.raises(httpx.ConnectError, match="not a public"),
    ):
        client.get(httpserver.url_for("/"))


def test_a_name_that_changes_its_mind_is_judged_by_the_address_connected_to(httpserver, monkeypatch):
    """A rebinding name: public when asked first, private when asked again."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(host, port, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    connected = []

    def connect(self, host, port, *args, **kwargs):
        connected.append(host)
        raise httpx.ConnectError("enough")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetch.httpcore.SyncBackend, "connect_tcp", connect)
    with fetch.client(private_networks=[]) as client:
        for _ in range(2):
            with pytest.raises(httpx.ConnectError):
                client.get("http://rebinding.example/")
    assert connected == ["93.184.216.34"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: both)
    with fetch.client(private_networks=[]) as client, pytest.raises(httpx.ConnectError, match="not a public"):
        client.get("http://both.example/")
