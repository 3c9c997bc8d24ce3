import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from config.embedded.account import Account
from config.embedded.process import spawn, stop
from config.embedded.trouble import explain

START_SECONDS, STOP_SECONDS = 20, 20


@dataclass
class Valkey:
    program: Path
    data: Path
    log: Path
    account: Account
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.account.hand_over(self.data)
        self._end_orphan()
        command: list[str | Path] = [
            self.program, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700",
            "--dir", self.data, "--databases", "64", "--save", "300", "1", "--daemonize", "no",
        ]  # fmt: skip
        self.process = spawn(command, log=self.log, cwd=self.data, **self.account.process_options)
        self._wait()

    def stop(self) -> None:
        if self.process:
            stop(self.process, signal.SIGTERM, STOP_SECONDS)

    @property
    def socket(self) -> Path:
        return self.data / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def _end_orphan(self) -> None:
        if self._answers():
            with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
                client.shutdown(nosave=False)
        self.socket.unlink(missing_ok=True)

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process is None or self.process.poll() is not None:
                raise explain("Valkey", self.log)
            if time.monotonic() > until:
                raise explain("Valkey does not answer; its start", self.log)
            time.sleep(0.05)
