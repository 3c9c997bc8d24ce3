"""`make demo`: everything of Huiqi on this machine, until Ctrl-C. `reset` removes its data."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from config.embedded.place import remove_home
from config.embedded.process import spawn, stop
from config.embedded.servers import running, sole_use
from config.embedded.trouble import Trouble, explain
from config.paths import BASE, DEMO, VAR
from config.secret_files import kept_secrets

PREPARE = ("migrate", "load_catalogue", "seed_calendar", "demo_data", "collectstatic")
STOP_SECONDS = 25
Processes = dict[str, subprocess.Popen[bytes]]


def main() -> None:
    try:
        reset() if sys.argv[1:] == ["reset"] else demo()
    except Trouble as trouble:
        sys.exit(f"Huiqi stopped: {trouble}")
    except OSError as error:
        sys.exit(f"Huiqi stopped: {error.strerror} ({error.filename or VAR}).")


def reset() -> None:
    with sole_use(DEMO, "the reset"):
        remove_home(DEMO)
    print("The demo's data is gone; make demo begins anew.")


def demo() -> None:
    stopped = _stop_on_signal()
    port = _port()
    address = f"http://127.0.0.1:{port}/"
    with ExitStack() as stack:
        stack.enter_context(sole_use(DEMO, address))
        _check_free(port)
        processes = stack.enter_context(_servers())
        for step in PREPARE:
            _run(step, stopped)
        for name, command in _programs(port).items():
            _start(name, command, processes, stack, stopped)
        _wait_for(address, processes, stopped)
        if not stopped.is_set():
            print(
                f"\nHuiqi runs at {address}  (logs: {DEMO / 'logs'}; Ctrl-C stops it)", flush=True
            )
        _watch(processes, stopped)
        print("Huiqi stops ...", flush=True)


def _stop_on_signal() -> threading.Event:
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stopped.set())
    return stopped


def _port() -> int:
    text = os.environ.get("HUIQI_PORT", "8000")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Trouble(f"HUIQI_PORT is {text!r}; write a number from 1 to 65535.")
    return int(text)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Trouble(f"port {port} may not be used; set HUIQI_PORT above 1023.") from None
        except OSError:
            raise Trouble(
                f"port {port} is taken; set another: HUIQI_PORT=8001 make demo."
            ) from None


@contextmanager
def _servers() -> Iterator[Processes]:
    """Ours, unless both addresses of others are given."""
    given = [name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
    if len(given) == 1:
        raise Trouble(f"{given[0]} is set alone; set DATABASE_URL and REDIS_URL both, or neither.")
    if given:
        yield {}
        return
    with running(DEMO, kept_secrets(VAR / "secrets.json"), forgetful=False) as servers:
        yield {type(server).__name__: server.process for server in servers if server.process}


def _run(step: str, stopped: threading.Event) -> None:
    """One management command; what it prints is for the person at the keyboard."""
    log = DEMO / "logs" / f"{step}.log"
    quiet = ["--verbosity", "0"] if step in ("migrate", "collectstatic") else []
    more = ["--noinput"] if step == "collectstatic" else []
    command = [sys.executable, "manage.py", step, *quiet, *more]
    with log.open("wb") as errors:
        process = spawn(command, log=None, cwd=BASE, stderr=errors)
    while process.poll() is None:
        if stopped.wait(0.1):
            stop(process, signal.SIGTERM, STOP_SECONDS)
            raise Trouble(f"it was stopped during {step}.")
    if process.returncode:
        raise explain(f"manage.py {step}", log)


def _programs(port: int) -> dict[str, list[str]]:
    celery = ["celery", "-A", "config.celery"]
    schedule = str(DEMO / "beat-schedule")
    return {
        "web": ["gunicorn", "-c", "python:config.gunicorn_settings", "-b", f"127.0.0.1:{port}",
                "config.wsgi"],
        "worker": [*celery, "worker", "--concurrency", "2"],
        "beat": [*celery, "beat", "--pidfile=", "--schedule", schedule],
    }  # fmt: skip


def _start(
    name: str, command: list[str], processes: Processes, stack: ExitStack, stopped: threading.Event
) -> None:
    if stopped.is_set():
        return
    log = DEMO / "logs" / f"{name}.log"
    process = spawn([sys.executable, "-m", *command], log=log, cwd=BASE)
    processes[name] = process
    stack.callback(stop, process, signal.SIGTERM, STOP_SECONDS)


def _wait_for(address: str, processes: Processes, stopped: threading.Event) -> None:
    until = time.monotonic() + 60
    while not stopped.wait(0.2):
        _check_all_live(processes)
        try:
            urlopen(f"{address}healthz", timeout=5).close()  # noqa: S310  # always http
            return
        except (URLError, OSError) as error:
            if time.monotonic() > until:
                raise Trouble(f"{address} does not answer ({error}).") from None


def _watch(processes: Processes, stopped: threading.Event) -> None:
    while not stopped.wait(0.5):
        _check_all_live(processes)


def _check_all_live(processes: Processes) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            raise Trouble(
                f"{name} ended by itself (status {process.returncode}), so everything was stopped; "
                f"its log is {DEMO / 'logs' / name.lower()}.log."
            )


if __name__ == "__main__":
    main()
