"""A receiver on this machine, as a city's own program would be: it remembers what came and how."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from applicants.domain.signing import ONCE, is_ours

OK, HANG, CLOSE, DRIP = 200, "hang", "close", "drip"


class Receiver(ThreadingHTTPServer):
    """Answers by the list of `answers`, in turn, then with 200."""

    daemon_threads = True

    def __init__(self, secret: str, answers: list[Any]) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.secret, self.answers = secret, answers
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.signed: list[bool] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/notices?from=huiqi"

    @property
    def once(self) -> Counter[str]:
        return Counter(headers[ONCE] for headers, _body in self.received)


class Conversation(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.server.signed.append(
            is_ours(self.server.secret, dict(self.headers), body, now=int(time.time()))
        )
        self.answer(self.server.answers.pop(0) if self.server.answers else OK)

    def answer(self, answer: Any) -> None:
        if answer == HANG:
            time.sleep(5)
        elif answer == DRIP:
            self._drip()
        elif answer != CLOSE:
            self.send_response(answer)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

    def _drip(self) -> None:
        """A header that never ends, a byte at a time, so that no single wait is long."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(60):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def receiver(secret: str, *answers: Any) -> Iterator[Receiver]:
    with Receiver(secret, list(answers)) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # we hang up on it
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
