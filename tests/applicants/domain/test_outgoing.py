"""Requests leave only for where they may, over TLS, once, and not for longer than agreed."""

import time

import pytest
from pytest_django import Settings

from applicants.domain import outgoing
from applicants.domain.errors import Refused
from applicants.domain.outgoing import NotDelivered, post, read_address
from applicants.domain.signing import is_ours, sign
from tests.applicants.domain.loopback import CLOSE, DRIP, HANG, receiver


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(outgoing, "READ_SECONDS", 0.5)


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.example.gov.cn/",
        "ftp://gateway.example.gov.cn/",
        "https://",
        "https://user:word@gateway.example.gov.cn/",
        "https://gateway.example.gov.cn:99999/",
        "https://gateway.example.gov.cn/#part",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_nothing_leaves_for(url: str) -> None:
    with pytest.raises(Refused) as refused:
        read_address(url)
    assert list(refused.value.message_dict) == ["url"]


def test_without_tls_only_to_this_machine_and_not_in_production(settings: Settings) -> None:
    assert read_address("http://127.0.0.1:8080/x").port == 8080
    settings.OUTGOING_TO_LOOPBACK = False
    with pytest.raises(Refused):
        read_address("http://127.0.0.1:8080/x")


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "192.168.1.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "[fd00::1]",
     "[::ffff:10.0.0.1]", "0.0.0.0", "127.0.0.1", "[::1]", "224.0.0.1"],
)  # fmt: skip
def test_no_address_of_a_network_of_our_own(settings: Settings, host: str) -> None:
    settings.OUTGOING_TO_LOOPBACK = False
    with pytest.raises(NotDelivered, match="is not a public address"):
        post(f"https://{host}/", b"{}", {})


def test_a_name_that_leads_inside_is_found_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(NotDelivered, match=r"10\.1\.2\.3 is not a public address"):
        post("https://gateway.example.gov.cn/", b"{}", {})


def test_a_private_gateway_can_be_allowed_but_never_a_link_local_one(settings: Settings) -> None:
    settings.OUTGOING_TO_PRIVATE = True
    assert str(outgoing.resolve(read_address("https://10.0.0.1/"))) == "10.0.0.1"
    with pytest.raises(NotDelivered):
        outgoing.resolve(read_address("https://169.254.169.254/"))


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_what_is_taken(status: int) -> None:
    with receiver("s", status) as server:
        post(server.url, b"{}", {"Huiqi-Timestamp": "1", "Idempotency-Key": "a"})
    headers, body = server.received[0]
    assert (headers["Host"], body) == (server.url.split("/")[2], b"{}")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_what_is_not_taken_and_no_redirect_is_followed(status: int) -> None:
    with receiver("s", status) as server, pytest.raises(NotDelivered, match=f"HTTP {status}"):
        post(server.url, b"{}", {"Idempotency-Key": "a"})
    assert len(server.received) == 1


@pytest.mark.parametrize("answer", [HANG, CLOSE, DRIP])
def test_whoever_hangs_closes_or_drips_does_not_hold_us(impatient: None, answer: str) -> None:
    begun = time.monotonic()
    with receiver("s", answer) as server:
        with pytest.raises(NotDelivered):
            post(server.url, b"{}", {"Idempotency-Key": "a"})
        assert time.monotonic() - begun < 3


def test_nobody_there() -> None:
    with pytest.raises(NotDelivered, match=r"NewConnectionError|ConnectionRefusedError"):
        post("http://127.0.0.1:1/", b"{}", {})


def test_the_receiver_refuses_what_is_old_changed_or_signed_by_another() -> None:
    headers = {"Huiqi-Timestamp": "1000", "Huiqi-Signature": sign("secret", b"body", at=1000)}
    assert is_ours("secret", headers, b"body", now=1300)
    for secret, body, now in (
        ("secret", b"body", 1301),
        ("secret", b"body", 699),
        ("secret", b"another", 1000),
        ("other", b"body", 1000),
    ):
        assert not is_ours(secret, headers, body, now=now)
    assert not is_ours("secret", headers | {"Huiqi-Timestamp": "1001"}, b"body", now=1000)
    assert not is_ours("secret", {}, b"body", now=1000)
