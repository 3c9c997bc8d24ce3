"""`python -m config.embedded [HOME]`: only the servers, until Ctrl-C; `--while PID`: until it ends.

With `--while` the home is thrown away afterwards: that is how the tests get theirs.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from config.embedded.place import remove_home
from config.embedded.postgres import Postgres
from config.embedded.servers import running, sole_use
from config.embedded.trouble import Trouble
from config.embedded.valkey import Valkey
from config.paths import DEMO
from config.secret_files import kept_secrets


def main() -> None:
    arguments = _arguments()
    home = arguments.home.absolute()
    try:
        with sole_use(home, "the servers alone"):
            _serve(home, arguments.watched)
    except Trouble as trouble:
        sys.exit(f"Huiqi stopped: {trouble}")
    finally:
        if arguments.watched:
            remove_home(home)


def _serve(home: Path, watched: int | None) -> None:
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    secrets = kept_secrets((home if watched else home.parent) / "secrets.json")
    with running(home, secrets, forgetful=watched is not None) as servers:
        print(f"PostgreSQL and Valkey run in {home}.", flush=True)
        while not stopped.wait(0.5) and _all_live(servers) and _lives(watched):
            pass


def _all_live(servers: list[Postgres | Valkey]) -> bool:
    return all(server.process and server.process.poll() is None for server in servers)


def _lives(pid: int | None) -> bool:
    if pid is None:
        return True
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("home", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--while", dest="watched", type=int, metavar="PID")
    return parser.parse_args()


if __name__ == "__main__":
    main()
