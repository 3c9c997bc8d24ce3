"""What was granted before counts under the lock: approvals at once cannot both overlook it."""

import json
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from incentives.domain import money
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, Programme, ProgrammeVersion
from reviews.demo import walk
from reviews.domain import determinations
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast
from tests.incentives.domain import threads
from tests.incentives.domain.threads import at_once

CENTRES = "enterprise-tech-centre-award"
TRAINING = "skills-training-subsidy"
LABEL = {"zh": "已授予", "en": "granted before"}


def change(code: str, alter: Any) -> Programme:
    """A new version of a programme, with rules that look at history."""
    programme = factories.programme(code)
    latest = programme.current
    rules = json.loads(latest.definition)
    plain = ("title", "on", "facts", "choices", "settings", "amount")
    rules["examples"] = [{k: v for k, v in rules["examples"][0].items() if k in plain}]
    alter(rules)
    ProgrammeVersion.objects.create(
        programme=programme, number=latest.number + 1, digest=f"{latest.number + 1:064d}",
        definition=json.dumps(rules, ensure_ascii=False),
    )  # fmt: skip
    return programme


def less_granted(rules: dict[str, Any]) -> None:
    """The sum less what the same centre was granted; nothing else limits it."""
    rules["caps"], rules["same_event"] = [], []
    rules["tallies"] = {"centre-paid": {"label": LABEL, "per": ["centre_name"], "period": "life"}}
    rules["amount"] = [{"less": [rules["amount"][0], {"already_granted": "centre-paid"}]}]


def proposed(level: str = "national") -> tuple[Cast, Application]:
    cast = Cast(CENTRES)
    facts = {
        "centre_name": "甲公司技术中心", "level": level, "recognised": "true",
        "approval_date": "2021-03-01",
    }  # fmt: skip
    return cast, factories.proposed(cast, facts)


def approve(cast: Cast, case: Application) -> Decimal:
    user = cast.of(cast.handling, Role.APPROVER)
    granted = determinations.approve(case_id=case.pk, user=user).granted
    assert granted is not None
    return granted


def approve_both() -> list[Decimal | Exception]:
    change(CENTRES, less_granted)
    pairs = [proposed(), proposed()]
    for cast, _case in pairs:
        cast.of(cast.handling, Role.APPROVER)
    return at_once([partial(approve, *pair) for pair in pairs])


def test_two_approvals_at_once_grant_the_sum_once(committed_db: None) -> None:
    assert sorted(approve_both()) == [Decimal(0), Decimal(5000000)]
    assert Counter.objects.get(key="tally:centre-paid:甲公司技术中心").used == Decimal(5000000)
    assert differences(city_code="qingdao") == []


def test_control_without_the_lock_both_grant_it(committed_db: None, owner_url: str) -> None:
    threads.change(
        owner_url, "huiqi_look",
        (r"FOR NO KEY UPDATE;", "; PERFORM pg_sleep(0.5);"),
        (r"(?s)INSERT INTO incentives_counter.*?DO NOTHING;", ""),  # a row inserted locks, too
        (r"INTO STRICT", "INTO"),
        (r"v_used::text", "coalesce(v_used, 0)::text"),
    )  # fmt: skip
    assert sorted(approve_both()) == [Decimal(5000000), Decimal(5000000)]


@pytest.mark.django_db
def test_a_later_level_is_paid_less_what_the_earlier_one_received() -> None:
    change(CENTRES, less_granted)
    assert approve(*proposed("provincial")) == Decimal(500000)
    cast, case = proposed("national")
    assert case.determinations.get().assessed == Decimal(4500000)
    assert approve(cast, case) == Decimal(4500000)


@pytest.mark.django_db
def test_what_was_granted_since_the_proposal_is_told_as_a_cut() -> None:
    change(CENTRES, less_granted)
    (first, case), (second, other) = proposed("provincial"), proposed("national")
    approve(first, case)
    assert approve(second, other) == Decimal(4500000)
    told = other.determinations.get().cuts
    assert [(cut["kind"], cut["cut"], cut["room"]) for cut in told] == [
        ("history", "500000.00", "4500000.00")
    ]
    assert Award.objects.get(case_number=other.number).assessed == Decimal(4500000)


@pytest.mark.django_db
def test_a_person_is_counted_once_across_applicants() -> None:
    roster, column = "trainees", "id_number"

    def each_once(rules: dict[str, Any]) -> None:
        rules["caps"] = [
            {
                "id": "once_a_person", "label": LABEL, "limit": 1, "unit": "rows",
                "over": roster, "per": [column], "period": "life", "printed": False,
            }
        ]  # fmt: skip
        rules["same_event"], rules["parameters"] = [], {}
        rules["amount"] = [{"sum_over": roster, "each": {"fixed": 600}}]

    programme = change(TRAINING, each_once)
    row = {"name": "学员", "certificate_number": "C"}
    facts = walk.example_facts(programme)[0]
    casts = [Cast(TRAINING, kind=kind) for kind in (applicant_kind(programme),) * 2]
    granted = []
    for cast, people in zip(casts, (["A", "B"], ["B", "C"]), strict=True):
        rows = [row | {"id_number": f"37020219910101{p}"} for p in people]
        granted.append(approve(cast, factories.proposed(cast, facts | {roster: rows}, {})))
    assert granted == [Decimal(1200), Decimal(600)]
    used = Counter.objects.filter(unit="rows").order_by("key").values_list("used", flat=True)
    assert list(used) == [1, 1, 1]


def applicant_kind(programme: Programme) -> str:
    return str(json.loads(programme.current.definition)["roles"]["applicant"][0])


@pytest.mark.django_db
def test_rules_without_history_reserve_in_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    call = money.call

    def noted(function: str, arguments: list[Any], casts: list[str]) -> tuple[Any, ...]:
        asked.append(function)
        return call(function, arguments, casts)

    monkeypatch.setattr(money, "call", noted)
    cast, case = proposed()
    approve(cast, case)
    assert asked == ["huiqi_reserve"]
