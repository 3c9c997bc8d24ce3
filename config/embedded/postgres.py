import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded import roles
from config.embedded.account import Account
from config.embedded.binaries import POSTGRES_MAJOR
from config.embedded.process import command_of, spawn, stop, working_in
from config.embedded.trouble import Trouble, explain
from config.secret_files import write_private

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2s",
    "deadlock_timeout": "500ms",
}
# For tests only: what is thrown away in the end need not survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS, STOP_SECONDS = 60, 60


@dataclass
class Postgres:
    programs: Path
    data: Path
    sockets: Path
    log: Path
    account: Account
    passwords: dict[str, str]
    forgetful: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self._create()
        self._clear_what_a_killed_run_left()
        settings = SETTINGS | (FORGETFUL if self.forgetful else {})
        settings["unix_socket_directories"] = str(self.sockets)
        command: list[str | Path] = [self.programs / "postgres", "-D", self.data]
        command += [word for name, text in settings.items() for word in ("-c", f"{name}={text}")]
        self.process = spawn(
            command, log=self.log, last_words=signal.SIGINT, env=self._environment, cwd=self.data,
            **self.account.process_options,
        )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        if self.process:
            stop(self.process, signal.SIGINT, STOP_SECONDS)  # SIGINT: end sessions, keep all data

    def url(self, role: str, database: str = roles.DATABASE) -> str:
        password = quote(self.passwords[f"postgres_{role}"], safe="")
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://huiqi_{role}:{password}@/{database}?host={host}"

    def _create(self) -> None:
        """Into a folder beside first: a start killed here leaves no half-made cluster."""
        if self.data.exists():
            self._check_version()
            return
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.hand_over(unfinished)
        self._initdb(unfinished)
        unfinished.rename(self.data)

    def _initdb(self, folder: Path) -> None:
        password = self.data.with_name("password")
        command: list[str | Path] = [
            self.programs / "initdb", "-D", folder, "-U", "huiqi_root", "-E", "UTF8",
            "--auth=scram-sha-256", f"--pwfile={password}", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if self.forgetful else []),
        ]  # fmt: skip
        options = self.account.process_options | {"env": self._environment, "cwd": folder}
        write_private(password, self.passwords["postgres_root"])
        try:
            self.account.hand_over(password)
            process = spawn(command, log=self.log, **options)
            if process.wait() != 0:
                raise explain("initdb", self.log)
        finally:
            password.unlink()

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != POSTGRES_MAJOR:
            raise Trouble(
                f"{self.data} was made by PostgreSQL {found}, not {POSTGRES_MAJOR}; "
                "dump it with its own version, or begin anew with make demo-reset."
            )

    def _clear_what_a_killed_run_left(self) -> None:
        """Our lock says that nobody else runs here, so a server on this data is an orphan."""
        record = self.data / "postmaster.pid"
        try:
            pid = int(record.read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return
        command = command_of(pid)
        if str(self.data) in command:
            self._end_orphan(pid)
        elif command:
            record.unlink()  # that number belongs to somebody else by now
        self._wait_for_its_sessions()

    def _wait_for_its_sessions(self) -> None:
        """Those of a killed postmaster write until they notice; they stand in its folder."""
        until = time.monotonic() + STOP_SECONDS
        while working_in(self.data):
            if time.monotonic() > until:
                raise Trouble(f"processes of an earlier PostgreSQL still work in {self.data}.")
            time.sleep(0.1)

    def _end_orphan(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        until = time.monotonic() + STOP_SECONDS
        while command_of(pid):
            if time.monotonic() > until:
                raise Trouble(f"the PostgreSQL of an earlier run (process {pid}) does not stop.")
            time.sleep(0.1)

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            if self.process is None or self.process.poll() is not None:
                raise explain("PostgreSQL", self.log)
            with suppress(psycopg.OperationalError):
                roles.prepare(self.url("root", "postgres"), self.passwords)
                return
            if time.monotonic() > until:
                raise explain("PostgreSQL does not answer; its start", self.log)
            time.sleep(0.05)

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
