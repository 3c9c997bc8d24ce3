from typing import Any

import pytest
from celery.schedules import crontab

from config.celery import app
from config.schedule import AT_START, SCHEDULE

TASKS = [entry["task"] for entry in SCHEDULE.values()]


@pytest.mark.parametrize("task", [*TASKS, *AT_START])
def test_every_bell_has_a_task(task: str) -> None:
    assert task in app.tasks


@pytest.mark.parametrize("task", sorted(set(TASKS)))
def test_every_task_runs_on_an_empty_office(db: None, task: str) -> None:
    app.tasks[task]()


def test_every_task_of_ours_is_rung_for() -> None:
    ours = {
        name for name in app.tasks if name.split(".")[0] in ("applicants", "incentives", "reviews")
    }
    assert ours == {*TASKS, "reviews.check_place"}  # for that, reviews.nightly_check rings


@pytest.mark.parametrize("entry", SCHEDULE.values())
def test_the_night_is_shanghais(entry: dict[str, Any]) -> None:
    assert isinstance(entry["schedule"], crontab)
    assert str(app.conf.timezone) == "Asia/Shanghai"


def test_a_message_is_not_delivered_twice_while_its_task_may_run() -> None:
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit
