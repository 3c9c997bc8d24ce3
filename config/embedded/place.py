"""The private place: a folder with a short path, open to the servers' account alone.

A Unix socket's path has room for some 100 characters, and the borrowed account of a root install
may not enter the checkout. So the sockets, and for root also the data and a copy of the binaries,
lie outside; the home remembers where. A home in memory has them there as well.
"""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from config.embedded.account import Account
from config.embedded.trouble import Trouble

RECORD = "place"
MEMORY = Path("/dev/shm")  # noqa: S108 # its folders are made anew under random names
LONGEST = 80  # leaves room for "/.s.PGSQL.5432.lock"


def private_place(home: Path, account: Account) -> Path:
    """The place of this home; made anew when there is none that is still ours alone."""
    record = home / RECORD
    if record.exists():
        known = Path(record.read_text(encoding="utf-8"))
        if _is_private(known, account):
            return known
    made = _make(home, account)
    record.write_text(str(made), encoding="utf-8")
    return made


def remove_home(home: Path) -> None:
    """Delete a home with its private place, and nothing else."""
    record = home / RECORD
    if record.exists():
        place = Path(record.read_text(encoding="utf-8"))
        if place.name.startswith("huiqi-") and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
    if home.exists():
        shutil.rmtree(home)


def _is_private(folder: Path, account: Account) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == account.uid
        and not stat.S_IMODE(found.st_mode) & 0o077
    )


def _make(home: Path, account: Account) -> Path:
    parent = MEMORY if home.parent == MEMORY else _parent(account)
    try:
        made = Path(tempfile.mkdtemp(prefix="huiqi-", dir=parent))
        account.hand_over(made)
    except OSError as error:
        raise Trouble(
            f"no folder for the servers can be made in {parent} ({error.strerror}); "
            "make it writable, or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from None
    return made


def _parent(account: Account) -> Path:
    if account.borrowed:
        return Path("/var/lib")
    wanted = Path(tempfile.gettempdir())
    return wanted if len(os.fsencode(wanted)) < LONGEST - 20 else Path("/tmp")  # noqa: S108
