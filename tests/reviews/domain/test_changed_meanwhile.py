"""What changes between two steps of a case: settings, versions, windows, accounts."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from applicants.models import User
from incentives.domain.settings import change_setting
from incentives.models import Award, Counter, Programme, ProgrammeVersion
from reviews.demo import walk
from reviews.domain import acceptance, paying, publicity, working_days
from reviews.domain.assessing import settings_in_force
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def set_value(programme: Programme, key: str, value: Any, user: User) -> None:
    change_setting(
        city=programme.city, programme=programme, key=key, value=value, basis="测试", actor=user
    )


def load_changed(programme: Programme, change: Callable[[dict[str, Any]], None]) -> None:
    """A new version of the programme's rules, as the catalogue's loader writes it."""
    latest = programme.current
    rules = json.loads(latest.definition)
    change(rules)
    ProgrammeVersion.objects.create(
        programme=programme,
        number=latest.number + 1,
        definition=json.dumps(rules, ensure_ascii=False),
        digest=f"{latest.number + 1:064d}",
    )


def add_parameter(rules: dict[str, Any]) -> None:
    label = {"zh": "新参数", "en": "a new parameter"}
    rules["parameters"] = {"added_later": {"type": "money", "value": "unset", "label": label}}


def test_a_setting_of_a_newer_version_leaves_older_cases_as_they_were() -> None:
    cast = Cast("enterprise-tech-centre-award")
    older = factories.draft(cast)
    load_changed(cast.programme, add_parameter)
    set_value(cast.programme, "added_later", "100", cast.clerk)
    walk.submit(older, cast.clerk)
    case = walk.to_determined(factories.fresh(older), cast.of, {})
    assert case.state == CaseState.DETERMINED


def test_a_setting_that_a_newer_version_dropped_still_counts_for_older_cases() -> None:
    cast = Cast("national-project-team-award")
    facts, choices = walk.example_facts(cast.programme)
    case = factories.submitted(cast, facts)
    set_value(cast.programme, "project_cap_counts", ["subject", "applicant"], cast.clerk)

    def drop(rules: dict[str, Any]) -> None:
        rules["caps"][0]["per"] = ["subject"]
        del rules["assumptions"]["project_cap_counts"]

    load_changed(cast.programme, drop)
    case = walk.to_determined(case, cast.of, choices)
    assert case.determinations.get().readings == {"project_cap_counts": ["subject", "applicant"]}


def test_the_approval_counts_under_the_reading_the_proposal_was_made_on() -> None:
    cast = Cast("national-project-team-award")
    case = factories.proposed(cast)
    set_value(cast.programme, "project_cap_period", "year", cast.clerk)
    walk.approve(case, cast.of)
    limited = Counter.objects.filter(kind="cap", key__contains=":project:")
    assert [key.count(":2") for key in limited.values_list("key", flat=True)] == [0]


def test_a_window_set_for_next_year_does_not_shut_out_a_supplement() -> None:
    cast = Cast("enterprise-tech-centre-award")
    case = factories.submitted(cast)
    reviewer = cast.of(cast.handling, Role.PREPARER)
    acceptance.return_case(case_id=case.pk, user=reviewer, reason="缺少合同")
    opens = working_days.today() + timedelta(days=90)
    set_value(cast.programme, "window_opens", opens.isoformat(), cast.clerk)
    walk.submit(case, cast.clerk)
    assert factories.fresh(case).state == CaseState.SUBMITTED


def test_the_longest_publicity_of_the_programmes_on_a_notice_counts() -> None:
    cast = Cast("hitech-first-recognition-award")
    other = Cast("hitech-renewal-award")
    other.staff = cast.staff
    set_value(other.programme, "publicity_days", 30, cast.clerk)
    cases = [factories.checked(cast), factories.checked(other)]
    notice = publicity.publish(
        case_ids=[case.pk for case in cases], user=cast.of(cast.handling, Role.PREPARER)
    )
    assert notice.ends_on == working_days.add_working_days(working_days.today(), 30)


def awarded(cast: Cast) -> tuple[Application, Award]:
    case = factories.published(cast)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        return case, factories.decide_award(cast, case)


def test_an_award_is_paid_to_the_account_that_finance_checked() -> None:
    cast = Cast("enterprise-tech-centre-award")
    case, award = awarded(cast)
    factories.add_account(cast.party, cast.clerk)
    batch = paying.prepare(
        city=case.city,
        instalment_ids=[award.instalments.get().pk],
        user=cast.of("finance", Role.FINANCE_PREPARER),
        until=award.instalments.get().due_on,
    )
    assert batch.lines.get().account == case.account
    paying.approve(batch_id=batch.pk, user=cast.of("finance", Role.FINANCE_APPROVER))


def test_a_value_that_the_rules_of_a_case_cannot_read_does_not_count_for_it() -> None:
    cast = Cast("national-project-team-award")
    case = factories.accepted(cast)
    set_value(cast.programme, "project_cap_period", "year", cast.clerk)
    set_value(cast.programme, "project_cap_period", "decade", cast.clerk)
    assert settings_in_force(case) == {"project_cap_period": "year"}
