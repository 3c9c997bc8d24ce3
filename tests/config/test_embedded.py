"""The embedded servers as a stranger meets them: started, killed, started twice, side by side."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import trouble
from config.embedded.place import remove_home
from config.embedded.process import command_of
from config.paths import BASE, STATE
from config.secret_files import read_json

COMMAND = [sys.executable, "-m", "config.embedded"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    remove_home(tmp_path / "home")


@contextmanager
def served(home: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*COMMAND, home], cwd=BASE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == f"PostgreSQL and Valkey run in {home}.\n"
        yield process
        process.terminate()
        process.wait(60)


def query(home: Path, statement: str, url: str = "DATABASE_OWNER_URL") -> object:
    with psycopg.connect(read_json(home / STATE)[url], autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def postmaster(home: Path) -> int:
    data = home / "pg" if (home / "pg").exists() else Path((home / "place").read_text()) / "pg"
    return int((data / "postmaster.pid").read_text().split()[0])


def wait_until_gone(pid: int) -> None:
    until = time.monotonic() + 30
    while command_of(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert command_of(pid) == ""


def test_data_outlives_a_stop_and_a_kill(home: Path) -> None:
    with served(home):
        query(home, "CREATE TABLE kept AS SELECT 7 AS number")
        assert query(home, "SHOW fsync") == "on"
        with redis.Redis.from_url(read_json(home / STATE)["REDIS_URL"]) as client:
            assert client.ping() is True
    assert not (home / STATE).exists()
    with served(home) as process:
        orphan = postmaster(home)
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_until_gone(orphan)
    with served(home):
        assert query(home, "SELECT number FROM kept") == 7


def test_a_lost_server_and_the_number_it_left_are_got_over(home: Path) -> None:
    with served(home) as process:
        os.kill(postmaster(home), signal.SIGKILL)
        process.wait(60)
    record = next(
        path / "postmaster.pid"
        for path in (home / "pg", Path((home / "place").read_text()) / "pg")
        if path.exists()
    )
    lines = record.read_text().split("\n")
    record.write_text("\n".join([str(os.getpid()), *lines[1:]]))  # someone else has it by now
    with served(home):
        assert query(home, "SELECT 1") == 1


def test_two_homes_run_at_once_and_one_home_only_once(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with served(home), served(other):
        assert read_json(home / STATE)["DATABASE_URL"] != read_json(other / STATE)["DATABASE_URL"]
        again = subprocess.run(
            [*COMMAND, home], cwd=BASE, capture_output=True, text=True, check=False
        )
        assert again.returncode == 1
        assert again.stderr.startswith("Huiqi stopped: it already runs from this checkout: ")
        assert again.stderr.count("\n") == 1
    remove_home(other)


def test_only_what_was_made_here_has_other_permissions(home: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    outside = [*tmp_path.parents, tmp_path, Path("/var/lib")]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in outside]
    with served(home):
        place = Path((home / "place").read_text())
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert query(home, "SELECT current_user", "DATABASE_URL") == "huiqi_app"
    assert [(path.stat().st_mode, path.stat().st_uid) for path in outside] == before
    remove_home(home)
    assert not place.exists()


def test_neither_role_is_a_superuser(home: Path) -> None:
    with served(home):
        supers = "SELECT array_agg(rolname::text) FROM pg_roles WHERE rolsuper"
        assert query(home, supers) == ["huiqi_root"]
        assert query(home, "SELECT has_database_privilege('huiqi_app', 'huiqi', 'TEMP')") is False


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(trouble.Trouble, match=r"^the disk that holds .* is nearly full \(\d+ MB"):
        trouble.check_room(tmp_path)
    log = tmp_path / "postgres.log"
    log.write_text("PANIC: could not write to file: No space left on device\nshut down\n")
    assert str(trouble.explain("PostgreSQL", log)) == (
        f"the disk that holds {tmp_path} is full; free some space and start again."
    )
