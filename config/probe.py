"""Health checks of the containers: `python -m config.probe web | worker | beat`; 0 means well."""

import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

BEAT_FILE = "BEAT_SCHEDULE"
BEAT_SILENCE_SECONDS = 900  # beat writes its file every three minutes


def web() -> bool:
    """Asked under a name the site answers to."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
    connection = HTTPConnection("127.0.0.1", 8000, timeout=5)
    connection.request("GET", "/healthz", headers={"Host": host})
    return connection.getresponse().status == 200


def worker() -> bool:
    name = f"celery@{os.uname().nodename}"
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "inspect", "ping", "-d", name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def beat() -> bool:
    schedule = Path(os.environ[BEAT_FILE])  # the kind of database decides how its files end
    written = [file.stat().st_mtime for file in schedule.parent.glob(f"{schedule.name}*")]
    return time.time() - max(written, default=0) < BEAT_SILENCE_SECONDS


PROBES = {"web": web, "worker": worker, "beat": beat}


def main() -> None:
    try:
        well = PROBES[sys.argv[1]]()
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    sys.exit(0 if well else f"{sys.argv[1]} is not well")


if __name__ == "__main__":
    main()
