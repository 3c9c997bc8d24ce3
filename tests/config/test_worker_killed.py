"""A real worker, killed ten times while it sends: every notice arrives, and few arrive twice."""

import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connection
from django.db.models import F

from applicants.models import Notice
from config.paths import BASE
from config.services import broker_url
from tests.factories import make_user
from tests.servers import in_database

pytestmark = pytest.mark.nightly
NOTICES, KILLS = 400, 10


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail, slowly, and remembers its Message-ID."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: Counter[str] = Counter()


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            command = line.strip().upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.take_mail()
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")

    def take_mail(self) -> None:
        for line in self.rfile:
            if line.lower().startswith(b"message-id:"):
                self.server.received[line.split(b":", 1)[1].strip().decode()] += 1
            if line == b".\r\n":
                break
        time.sleep(0.03)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """Killed at the end, with its children, without a word."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--concurrency", "2"],
        cwd=BASE, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(count: int, server: MailServer, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while sum(server.received.values()) < count and time.monotonic() < end:
        time.sleep(0.02)


def test_nothing_is_lost(
    committed_db: None, addresses: dict[str, str], mail_server: MailServer
) -> None:
    name = str(connection.settings_dict["NAME"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": in_database(addresses["DATABASE_URL"], name),
        "REDIS_URL": addresses["REDIS_URL"],
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_server.server_address[1]),
        "EMAIL_USE_TLS": "false",
    }
    bell = Celery(broker=broker_url(addresses["REDIS_URL"]))
    user = make_user()
    Notice.objects.bulk_create(
        Notice(user=user, kind="case.accepted", key=f"test:{n}") for n in range(NOTICES)
    )
    for _ in range(KILLS):
        with worker(environment):
            bell.send_task("applicants.send_outbox")
            bell.send_task("applicants.send_outbox")
            until(sum(mail_server.received.values()) + 20, mail_server)
    interrupted = Notice.objects.filter(emailed_at=None).exclude(claimed_at=None)
    assert interrupted.exists()  # the kills came in the middle of the work
    interrupted.update(claimed_at=F("claimed_at") - timedelta(days=1))  # time passes
    with worker(environment):
        bell.send_task("applicants.send_outbox")
        end = time.monotonic() + 60
        while Notice.objects.filter(emailed_at=None).exists() and time.monotonic() < end:
            time.sleep(0.1)
    assert len(mail_server.received) == NOTICES
    assert mail_server.received.total() - NOTICES <= 2 * KILLS
