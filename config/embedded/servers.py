"""Both servers of one home, under one lock."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.account import servers_account
from config.embedded.binaries import usable_by
from config.embedded.place import private_place
from config.embedded.postgres import Postgres
from config.embedded.trouble import Trouble, check_room
from config.embedded.valkey import Valkey
from config.paths import STATE
from config.secret_files import write_private


@contextmanager
def sole_use(home: Path, words: str) -> Iterator[None]:
    """One process works in a home; the lock goes with the process, however that ends."""
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Trouble(f"it already runs from this checkout: {lock.read().strip()}.") from None
        lock.truncate(0)
        lock.write(f"{words}, process {os.getpid()}")
        lock.flush()
        yield


@contextmanager
def running(
    home: Path, passwords: dict[str, str], *, forgetful: bool
) -> Iterator[list[Postgres | Valkey]]:
    """Started in order, stopped in the opposite one; `STATE` in the home tells others the way."""
    postgres, valkey = servers = _servers(home, passwords, forgetful)
    state = home / STATE
    try:
        postgres.start()
        valkey.start()
        write_private(state, json.dumps(_addresses(postgres, valkey)))
        yield list(servers)
    finally:
        state.unlink(missing_ok=True)
        valkey.stop()
        postgres.stop()


def _servers(home: Path, passwords: dict[str, str], forgetful: bool) -> tuple[Postgres, Valkey]:
    account = servers_account()
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    place = private_place(home, account)
    check_room(home)
    check_room(place)
    programs = usable_by(account, place)
    data = place if account.borrowed else home
    postgres = Postgres(
        programs.postgres, data / "pg", place, logs / "postgres.log", account, passwords, forgetful
    )
    return postgres, Valkey(programs.valkey, place / "valkey", logs / "valkey.log", account)


def _addresses(postgres: Postgres, valkey: Valkey) -> dict[str, str]:
    return {
        "DATABASE_URL": postgres.url("app"),
        "DATABASE_OWNER_URL": postgres.url("owner"),
        "REDIS_URL": valkey.url,
    }
