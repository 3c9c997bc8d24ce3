"""An award by a schedule: its stage is found by the handling bureau's preparer and confirmed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from applicants.domain.errors import NotAllowed
from incentives.models import Award
from incentives.policy.terms import Instalment
from reviews.api.money_serializers import AwardDetailSerializer
from reviews.domain import awarding, staging
from reviews.domain.approval_sheets import material_of
from reviews.domain.assessing import rules
from reviews.models import Application
from reviews.models.staff import Role
from reviews.presenters.approval_sheet import _instalments
from reviews.presenters.case_file import _payments
from reviews.presenters.payments import tell_award
from tests.factories import Cast, decide_award, publicity_end, published

SHANGHAI = ZoneInfo("Asia/Shanghai")
LABEL = {"zh": "期", "en": "part"}
SCHEDULE = (
    Instalment(id="first", label=LABEL, share="60%", due="award"),
    Instalment(id="rest", label=LABEL, share="rest", due={"stage": {"zh": "验收", "en": "test"}}),
)


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(
        awarding, "rules", lambda case: rules(case).model_copy(update={"schedule": SCHEDULE})
    )
    return Cast("hitech-first-recognition-award")


@contextmanager
def awarded(cast: Cast, facts: dict[str, Any] | None = None) -> Iterator[Award]:
    """By the schedule, on the day after publicity."""
    case = published(cast, facts)
    over = datetime.combine(publicity_end(case) + timedelta(days=1), time(10), SHANGHAI)
    with time_machine.travel(over, tick=False):
        yield decide_award(cast, case)


def test_a_stage_is_found_and_confirmed(cast: Cast) -> None:
    with awarded(cast) as award:
        first, second = award.instalments.order_by("number")
        assert (first.due_on, second.due_on, second.due_kind) == (
            timezone.localdate(), None, "stage",
        )  # fmt: skip
        assert first.amount + second.amount == award.amount
        assert (first.kind, second.kind) == ("advance", "part")
        found = {"instalment_id": second.pk, "found": "not_met", "reason": "未通过验收"}
        approver = cast.of(cast.handling, Role.APPROVER)
        with pytest.raises(NotAllowed):
            staging.prepare(user=approver, **found)
        made = staging.prepare(user=cast.of(cast.handling, Role.PREPARER), **found)
        staging.confirm(finding_id=made.pk, user=approver)
    award.refresh_from_db()
    assert award.amount == first.amount
    [told] = AwardDetailSerializer(award).data["instalments"]
    assert (told["number"], told["amount"]) == (first.number, str(first.amount))
    assert told["kind"] == "advance"
    case = Application.objects.get(number=award.case_number)
    sheet = material_of(case)
    assert sheet is not None
    [on_sheet] = _instalments(sheet.determination)
    assert first.kind_words in on_sheet
    assert [part.kind for part in tell_award(case).instalments] == [first.kind_words]
    assert _payments(case).parts[0].rows[0][0] == f"1 {first.kind_words}"


def test_an_evaluation_and_a_day_of_the_next_year(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated = {"evaluation": {"zh": "绩效评价合格", "en": "evaluated"}}
    parts = (
        Instalment(id="day", label=LABEL, share="60%", due={"day": "06-30", "years": "1"}),
        Instalment(id="rest", label=LABEL, share="rest", due=evaluated),
    )
    monkeypatch.setattr(f"{__name__}.SCHEDULE", parts)
    with awarded(cast) as award:
        first, second = award.instalments.order_by("number")
        next_year = timezone.localdate().year + 1
        assert (first.kind, first.due_kind, first.due_on) == (
            "advance", "date", date(next_year, 6, 30),
        )  # fmt: skip
        assert (second.kind, second.due_kind, second.due_on) == ("part", "evaluation", None)
        case = Application.objects.get(number=award.case_number)
        told = tell_award(case)
        assert told is not None
        assert [part.words for part in told.instalments] == [
            f"应于 {next_year}年6月30日 前拨付",
            "通过评价后拨付",
        ]
        kinds = [part["due_kind"] for part in AwardDetailSerializer(award).data["instalments"]]
        assert kinds == ["date", "evaluation"]
        preparer, approver = (
            cast.of(cast.handling, role) for role in (Role.PREPARER, Role.APPROVER)
        )
        assert second in staging.waiting_for(preparer)
        made = staging.prepare(
            instalment_id=second.pk, found="met", reason="评价合格", user=preparer,
            due_on=timezone.localdate(),
        )  # fmt: skip
        staging.confirm(finding_id=made.pk, user=approver)
        assert award.instalments.latest("pk").due_on == timezone.localdate()


@pytest.mark.parametrize(
    ("moment", "year"),
    [("2026-12-31T23:59:59.999999+08:00", 2027), ("2027-01-01T00:00:00+08:00", 2028)],
)
def test_the_year_of_a_day_is_counted_in_shanghai(moment: str, year: int) -> None:
    due = {"day": "03-01", "years": 1}
    part = Instalment(id="day", label=LABEL, share="rest", due=due)
    with time_machine.travel(moment, tick=False):
        assert awarding._when(part)["due_on"] == date(year, 3, 1)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-11-30", 14, "2028-01-30")],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert awarding.months_later(date.fromisoformat(day), months) == date.fromisoformat(later)
