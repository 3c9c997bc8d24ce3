import gc

import pytest

from config import warming
from config.celery import begin
from config.gunicorn_settings import post_worker_init


def test_a_new_process_keeps_what_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "warm_up", lambda: None)
    for begun in (lambda: post_worker_init(None), begin):
        gc.unfreeze()
        try:
            begun()
            assert gc.get_freeze_count() > 100_000
        finally:
            gc.unfreeze()
