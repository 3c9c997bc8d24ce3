"""Child processes that never outlive us: stopped in order, and by the kernel if we are killed."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.embedded.trouble import Trouble

_PR_SET_PDEATHSIG = 1


def die_with_parent(last_words: signal.Signals) -> Callable[[], None] | None:
    """Linux tells a child when its parent is gone; elsewhere the next start finds what was left."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # looked up here: between fork and exec little is safe
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(last_words))
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    last_words: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start in a session of its own, so that Ctrl-C reaches only us and we stop things in order."""
    output = open(log, "ab") if log else None  # noqa: SIM115  # closed below, the child has its own
    streams: dict[str, Any] = {"stdout": output, "stderr": subprocess.STDOUT if output else None}
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(last_words),  # noqa: PLW1509  # no threads run yet
            **(streams | options),
        )
    except OSError as error:
        raise Trouble(
            f"{command[0]} does not run on this machine ({error.strerror}); "
            "use a machine its wheel is made for, or set DATABASE_URL and REDIS_URL."
        ) from None
    finally:
        if output:
            output.close()


def stop(process: subprocess.Popen[bytes], how: signal.Signals, seconds: float) -> None:
    """Ask, wait, and end it if it does not listen."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def working_in(folder: Path) -> list[int]:
    """Processes whose working directory it is, where the system tells (Linux)."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if link.readlink() == folder.resolve():
                found.append(int(link.parent.name))
    return found


def command_of(pid: int) -> str:
    """The command line of a running process; empty when there is none."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
    found = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()
