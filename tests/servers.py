"""The throw-away servers of one test session, shared by its xdist workers.

The first test that wants the database starts them (a run of pure functions starts nothing); a guard
process ends them and removes their folder when the session is over, however it ends.
"""

import fcntl
import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.embedded.binaries import installed
from config.embedded.place import MEMORY
from config.paths import BASE, STATE, VAR
from config.secret_files import read_json

HOME, SESSION = "HUIQI_TEST_HOME", "HUIQI_TEST_SESSION"
OWNER = "DATABASE_OWNER_URL"
SOURCES = (
    "uv.lock", "config/**/*.py", "*/migrations/*.py", "*/models/**/*.py", "*/management/**/*.py",
    "applicants/domain/*.py", "incentives/domain/*.py", "incentives/policy/**/*.py",
    "incentives/catalogue/**/*", "reviews/domain/*calendar*.py", "reviews/domain/working_days.py",
)  # fmt: skip
TEMPLATE = "huiqi"  # migrated once and never connected to again, so that it can be cloned
ROOM = 4 << 30  # bytes; the tests take half a gigabyte, long ones and their log of changes more


def begin_session(*, in_memory: bool = False) -> None:
    """In the process that the workers are started from; they inherit its environment.

    In memory where there is room: a disk's file system may take a second to make anew the thousand
    files of a database that a test has to itself, where as many were deleted just before.
    """
    place = MEMORY / "huiqi-test" if in_memory and _roomy() else VAR / "test"
    os.environ[HOME] = f"{place}-{secrets.token_hex(4)}"
    os.environ[SESSION] = str(os.getpid())


def _roomy() -> bool:
    """PostgreSQL's programs may be copied there, so it has to let them run."""
    try:
        memory, told = os.statvfs(MEMORY), Path("/proc/meminfo").read_text()
    except OSError:
        return False
    free = int(told.partition("MemAvailable:")[2].split()[0]) * 1024
    runs = not memory.f_flag & os.ST_NOEXEC
    return runs and min(free, memory.f_bavail * memory.f_frsize) > ROOM


def end_session() -> None:
    home = Path(os.environ.pop(HOME))
    guard = home / "guard.pid"
    if guard.exists():
        os.kill(int(guard.read_text()), 15)
        _until(lambda: not home.exists(), "the test servers do not stop", 60)


def addresses() -> dict[str, str]:
    """DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL of the running servers, template filled."""
    home = Path(os.environ[HOME])
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(home / "one-at-a-time", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = home / "outcome"
        if not outcome.exists():
            outcome.write_text(_start(home) or _fill_template(read_json(home / STATE)))
    if trouble := outcome.read_text():
        raise RuntimeError(trouble)
    return read_json(home / STATE)


def clone_template(owner_url: str, name: str) -> None:
    """A copy has no privileges of its own: what roles.py takes away is taken away again."""
    _as_owner(owner_url, "CREATE DATABASE {} TEMPLATE {}", name, TEMPLATE)
    _as_owner(owner_url, "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", name)


def drop(owner_url: str, name: str) -> None:
    """The plain form first: it ends an autovacuum worker, which FORCE may not, as owner."""
    try:
        _as_owner(owner_url, "DROP DATABASE {}", name)
    except psycopg.errors.ObjectInUse:  # for five seconds by now: a thread left a connection
        _as_owner(owner_url, "DROP DATABASE {} WITH (FORCE)", name)


def in_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _as_owner(owner_url: str, statement: str, *names: str) -> None:
    with psycopg.connect(in_database(owner_url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _start(home: Path) -> str:
    """What went wrong, or nothing."""
    command = [sys.executable, "-m", "config.embedded", str(home), "--while", os.environ[SESSION]]
    with open(home / "guard.log", "wb") as log:
        guard = subprocess.Popen(command, cwd=BASE, stdout=log, stderr=log, start_new_session=True)
    (home / "guard.pid").write_text(str(guard.pid))
    guard_ended = guard.poll
    _until(
        lambda: (home / STATE).exists() or guard_ended() is not None, "the test servers hang", 90
    )
    guard.returncode = 0  # it outlives this process by intent: no warning about that
    return "" if (home / STATE).exists() else (home / "guard.log").read_text()


def _fill_template(urls: dict[str, str]) -> str:
    """From what an earlier session kept, as long as nothing that it was made of has changed."""
    kept = VAR / f"template-{_made_of()}.dump"
    if kept.exists():
        return _client("pg_restore", "--exit-on-error", "--jobs=2", "--dbname", urls[OWNER], kept)
    if trouble := _migrate(urls):
        return trouble
    for older in VAR.glob("template-*.dump"):
        older.unlink(missing_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    trouble = _client(
        "pg_dump", "--format=custom", "--no-comments", "--file", unfinished, urls[OWNER]
    )
    unfinished.replace(kept)
    return trouble


def _made_of() -> str:
    """A digest of everything from which the template is filled; its calendar is of this year."""
    digest = hashlib.sha256(time.strftime("%Y").encode())
    for pattern in SOURCES:
        for file in sorted(BASE.glob(pattern)):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(BASE)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _client(program: str, *words: str | Path) -> str:
    """What one of PostgreSQL's own programs complained of, or nothing."""
    command = [installed().postgres / program, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{program} failed:\n{done.stderr}" if done.returncode else ""


def _migrate(urls: dict[str, str]) -> str:
    for command in ("migrate", "load_catalogue", "seed_calendar"):
        environment = os.environ | urls | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        done = subprocess.run(
            [sys.executable, "manage.py", command, "--verbosity", "0", "--skip-checks"],
            cwd=BASE, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return f"manage.py {command} failed:\n{done.stdout}{done.stderr}"
    return ""


def _until(true: Callable[[], bool], otherwise: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(otherwise)
        time.sleep(0.05)
