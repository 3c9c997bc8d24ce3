"""Under whose account the servers run: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.trouble import Trouble

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    borrowed: bool  # we are root and lend the servers another account

    @property
    def process_options(self) -> dict[str, Any]:
        if not self.borrowed:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def hand_over(self, folder: Path) -> None:
        """Give it a folder that we made ourselves."""
        if self.borrowed:
            os.chown(folder, self.uid, self.gid)


def servers_account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), borrowed=False)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise Trouble(
            f"PostgreSQL does not run as root and this machine has no account {UNPRIVILEGED!r}; "
            "start Huiqi as an ordinary user, or set DATABASE_URL and REDIS_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, borrowed=True)
