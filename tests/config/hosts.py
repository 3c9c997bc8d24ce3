"""Web and worker hosts as processes on ports of this machine, and clients that ask by turns."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from os import killpg
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from config.paths import BASE

GUNICORN = ["gunicorn", "-c", "python:config.gunicorn_settings", "config.wsgi"]
CELERY = ["celery", "-A", "config.celery", "worker", "--concurrency", "2"]


class Host:
    """A program with children in a session of its own, killed as a whole and without a word."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=BASE, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        if self.process.returncode is None:
            killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class WebHost(Host):
    """`asked` tells how many requests are on their way to it at this moment."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.address = f"127.0.0.1:{_free_port()}"
        self.asked, self._counting = 0, Lock()
        super().__init__(GUNICORN, environment | {"HUIQI_BIND": self.address})

    def wait(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                urlopen(f"http://{self.address}/healthz", timeout=5).close()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def ask(self, path: str, body: Any, headers: dict[str, str]) -> "Answer":
        """Raises OSError or HTTPException when the connection breaks."""
        request = Request(f"http://{self.address}/api/{path}", json.dumps(body).encode(), headers)
        self._count(1)
        try:
            with urlopen(request, timeout=60) as response:
                replayed = response.headers.get("Idempotent-Replayed") == "true"
                return Answer(response.status, json.load(response), replayed)
        except HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, json.loads(refusal.read() or b"null"))
        finally:
            self._count(-1)

    def _count(self, one: int) -> None:
        with self._counting:
            self.asked += one


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    data: Any
    replayed: bool = False


@dataclass
class Caller:
    """Asks one host after the other, under one key for each request, until it is answered."""

    hosts: Sequence[WebHost]
    broken: int = 0
    calls: list[tuple[str, Any, dict[str, str], Answer]] = field(default_factory=list)

    def post(self, token: str, path: str, body: Any, key: str) -> Any:
        headers = {
            "Authorization": f"Token {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        answer = self._asked(path, body, headers, turn=len(self.calls))
        assert answer.status in (200, 201), (path, answer)
        self.calls.append((path, body, headers, answer))
        return answer.data

    def _asked(self, path: str, body: Any, headers: dict[str, str], turn: int) -> Answer:
        until = time.monotonic() + 90
        while True:
            try:
                answer = self.hosts[turn % len(self.hosts)].ask(path, body, headers)
            except (OSError, HTTPException):
                self.broken += 1
                answer = None
            if answer and answer.status != 409:  # 409: the first with this key still runs
                return answer
            assert time.monotonic() < until, (path, answer)
            turn += 1
            time.sleep(0.05)


def until(true: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.005)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
