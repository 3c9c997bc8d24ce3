import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

from config.schedule import AT_START

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("huiqi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)


@beat_init.connect  # type: ignore[untyped-decorator]  # celery carries no types
def ring_at_start(**_: Any) -> None:
    """What a clock that stood still may have missed is done now."""
    for task in AT_START:
        app.send_task(task)


@worker_process_init.connect  # type: ignore[untyped-decorator]  # celery carries no types
def begin(**_: Any) -> None:
    from config.warming import keep  # needs the apps

    keep()
