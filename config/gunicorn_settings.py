"""How gunicorn runs Huiqi: `gunicorn -c python:config.gunicorn_settings config.wsgi`."""

import os
import shutil
import tempfile
from typing import Any

# The metrics of all worker processes meet in this folder; prometheus_client reads its name.
METRICS = tempfile.mkdtemp(prefix="huiqi-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS

bind = os.environ.get("HUIQI_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
preload_app = True  # a setting that refuses to start is said once, not by every worker
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500


def post_worker_init(_worker: Any) -> None:
    """Parse the rules before the first reader comes; without a database he waits as before."""
    from config.warming import keep, warm_up  # needs the apps, loaded with the application

    warm_up()
    keep()


def child_exit(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # reads the folder's name when imported

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    shutil.rmtree(METRICS, ignore_errors=True)
