"""Requests that leave for an address somebody entered: over TLS, to no address of our own network.

The host's name is resolved once and the connection goes to the address that was checked, so that a
name which points elsewhere a moment later leads nowhere else. No redirect is followed, no proxy
asked, and whatever the other side does, it is over after so many seconds.
"""

import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from applicants.domain.errors import Refused

CONNECT_SECONDS, READ_SECONDS = 5, 10
Address = IPv4Address | IPv6Address


class NotDelivered(Exception):
    """The other side did not take it; the text says why, without anything that was sent."""


def read_address(url: str) -> SplitResult:
    """Raises Refused unless the address is one that requests may leave for."""
    parts = urlsplit(url.strip())
    try:
        port = parts.port
    except ValueError:
        raise Refused({"url": _("The port is not a number from 1 to 65535.")}) from None
    if not parts.hostname or port == 0 or parts.username or parts.password or parts.fragment:
        raise Refused({"url": _("Write an address like https://sms.example.gov.cn/send.")})
    if parts.scheme == "https" or (parts.scheme == "http" and _is_rehearsal(parts.hostname)):
        return parts
    raise Refused({"url": _("The address begins with https://.")})


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Raises NotDelivered unless the other side answers with a status from 200 to 299."""
    try:
        parts = read_address(url)
    except Refused as refused:
        raise NotDelivered(" ".join(refused.messages)) from refused
    connection = _connection(parts, resolve(parts))
    cut_off = Event()
    timer = Timer(CONNECT_SECONDS + READ_SECONDS, _cut, [connection, cut_off])
    timer.start()
    try:
        status = _ask(connection, parts, body, headers)
    except (OSError, HTTPError) as error:
        raise NotDelivered(f"{type(error).__name__}") from error
    finally:
        timer.cancel()
        connection.close()
    if cut_off.is_set():
        raise NotDelivered("too slow")
    if not 200 <= status < 300:
        raise NotDelivered(f"HTTP {status}")


def _ask(
    connection: HTTPConnection, parts: SplitResult, body: bytes, headers: Mapping[str, str]
) -> int:
    """The status; what else is answered is not read."""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.connect()
    if connection.sock:
        connection.sock.settimeout(READ_SECONDS)
    sent = {"Host": parts.netloc, "User-Agent": "Huiqi", **headers}
    connection.request("POST", target, body=body, headers=sent, preload_content=False)
    return connection.getresponse().status


def _cut(connection: HTTPConnection, cut_off: Event) -> None:
    """Time is up, however slowly the other side goes on talking.

    Said before it is done: an answer that ends where it was cut reads like a whole one.
    """
    cut_off.set()
    if connection.sock:
        connection.sock.shutdown(socket.SHUT_RDWR)


def _connection(parts: SplitResult, address: Address) -> HTTPConnection:
    timeout = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    if parts.scheme == "http":
        return HTTPConnection(str(address), parts.port or 80, timeout=timeout.connect_timeout)
    return HTTPSConnection(
        str(address),
        parts.port or 443,
        timeout=timeout.connect_timeout,
        cert_reqs="CERT_REQUIRED",
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )


def resolve(parts: SplitResult) -> Address:
    """The first address of the host; raises NotDelivered when any of them is not allowed."""
    host = str(parts.hostname)
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDelivered(f"{host}: {error.strerror}") from error
    addresses = [_plain(ip_address(str(entry[4][0]).partition("%")[0])) for entry in found]
    for address in addresses:
        if not _may_go_to(address):
            raise NotDelivered(f"{host}: {address} is not a public address")
    return addresses[0]


def _plain(address: Address) -> Address:
    """An IPv4 address dressed as IPv6 is judged as what it is."""
    return getattr(address, "ipv4_mapped", None) or address


def _may_go_to(address: Address) -> bool:
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False  # among the link-local ones: where clouds hand out credentials
    if address.is_loopback:
        return bool(settings.OUTGOING_TO_LOOPBACK)
    return address.is_global or bool(settings.OUTGOING_TO_PRIVATE)


def _is_rehearsal(host: str) -> bool:
    """Without TLS only to this machine, and only outside production."""
    return bool(settings.OUTGOING_TO_LOOPBACK) and host in ("127.0.0.1", "::1", "localhost")
