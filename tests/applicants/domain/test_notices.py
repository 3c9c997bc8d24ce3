from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import transaction

import applicants.tasks
from applicants.domain.notices import notify
from applicants.models import Notice
from config.celery import app
from tests.factories import make_user


def tell() -> None:
    notify(user=make_user(), kind="case.accepted", key="the key", data={"number": "1"})


@pytest.fixture
def real_broker() -> Iterator[None]:
    """Celery as in production; under tests its address leads nowhere."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


def test_a_notice_is_written_once_per_key(db: None) -> None:
    tell()
    tell()
    assert Notice.objects.count() == 1


def test_the_mail_leaves_when_the_transaction_is_committed(committed_db: None) -> None:
    assert applicants.tasks.send_outbox.name in app.tasks  # Celery runs it here and now
    with transaction.atomic():
        tell()
        assert mail.outbox == []
    assert len(mail.outbox) == 1


def test_a_broker_that_is_down_costs_nothing_but_the_bell(
    committed_db: None, real_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction.atomic():
        tell()
    assert Notice.objects.get().emailed_at is None
    assert "doorbell.broken" in caplog.text
    applicants.tasks.send_outbox()
    assert len(mail.outbox) == 1
