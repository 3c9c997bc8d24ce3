"""How much memory work takes above what the process holds when it begins, in MB."""

import threading
from collections.abc import Callable
from pathlib import Path

STATUS = Path("/proc/self/status")


def rise(work: Callable[[], object]) -> float:
    """Looked at every 50 ms, from another thread; 0.0 where the system does not tell."""
    before = highest = _resident()
    over = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not over.wait(0.05):
            highest = max(highest, _resident())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        work()
    finally:
        over.set()
        watching.join()
    return (highest - before) / 1024


def _resident() -> int:
    """In KiB."""
    if not STATUS.exists():
        return 0
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
