"""Rounds for tests: a pool of experts, cases of several applicants, and the way to a ranking."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import time_machine

from applicants.models import User
from incentives.models import Programme
from reviews.domain import rounds_deciding, rounds_experts, rounds_scoring, rounds_setup
from reviews.domain import rounds_sheets as sheets
from reviews.domain.rounds_rule import Rule
from reviews.domain.working_days import today
from reviews.models import Application, Expert, ScoreSheet, ScoringRound
from reviews.models.round import CutBy, Ties
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff, make_user

CODE = "hitech-first-recognition-award"
CRITERIA = [
    {"id": "novelty", "zh": "创新性", "en": "Novelty", "weight": "60", "most": "10"},
    {"id": "team", "zh": "团队", "en": "Team", "weight": "40", "most": "5"},
]
OF_ONE = Rule(CutBy.NUMBER, Decimal(1), CRITERIA, sheets=1, ties=Ties.EARLIER)
TWO_PLACES = Rule(CutBy.NUMBER, Decimal(2), CRITERIA, sheets=3, ties=Ties.EARLIER)


class Setting:
    """A programme's handling bureau, its experts and one round, from its plan to its ranking."""

    def __init__(self, code: str = CODE, rule: Rule = TWO_PLACES, experts: int = 5) -> None:
        self.programme = Programme.objects.get(code=code)
        self.city = self.programme.city
        bureau = self.programme.handling_bureau.code
        self.preparer = make_staff(Role.PREPARER, bureau)
        self.approver = make_staff(Role.APPROVER, bureau)
        self.keeper = make_staff(Role.COORDINATOR)
        self.experts = [self.expert(f"单位{n}") for n in range(experts)]
        self.casts: list[Cast] = []
        self.round = rounds_setup.set_up(
            programme=self.programme,
            title="2026年第一轮",
            opens_on=today(),
            closes_on=today() + timedelta(days=30),
            rule=rule,
            user=self.preparer,
        )

    def expert(self, employer: str, code: str = "", user: User | None = None) -> Expert:
        person = user or make_user("评审专家")
        return rounds_experts.add_expert(
            city=self.city,
            email=person.email,
            employer=employer,
            employer_uscc=code,
            fields="新一代信息技术",
            user=self.keeper,
        )

    def open(self) -> "Setting":
        rounds_setup.open_round(round_id=self.round.pk, user=self.approver)
        return self.fresh()

    def case(self, facts: dict[str, Any] | None = None) -> Application:
        """Accepted, every opinion given and every fact confirmed."""
        cast = Cast(self.programme.code)
        self.casts.append(cast)
        return factories.reviewed(cast, facts)

    def begin(self) -> "Setting":
        rounds_scoring.begin(round_id=self.round.pk, user=self.preparer)
        return self.fresh()

    def score(self, *totals: Sequence[str]) -> None:
        """Each expert hands in: for each case, in order of filing, novelty as given and team 4."""
        cases = list(self.round.cases.order_by("pk"))
        for place, case in enumerate(cases):
            for sheet, novelty in zip(self.sheets_of(case.pk), totals[place], strict=True):
                hand_in(sheet, novelty)

    def sheets_of(self, round_case: int) -> list[ScoreSheet]:
        found = ScoreSheet.objects.filter(round_case=round_case, declined="")
        return list(found.select_related("expert__user").order_by("expert"))

    def rank(self) -> "Setting":
        rounds_deciding.rank(round_id=self.round.pk, user=self.approver)
        return self.fresh()

    def fresh(self) -> "Setting":
        self.round = ScoringRound.objects.get(pk=self.round.pk)
        return self

    @property
    def after(self) -> date:
        """A day after the window."""
        return self.round.closes_on + timedelta(days=1)


def hand_in(sheet: ScoreSheet, novelty: str = "7", team: str = "4", comment: str = "评语") -> None:
    user = declared(sheet)
    sheets.hand_in(
        sheet_id=sheet.pk, scores={"novelty": novelty, "team": team}, comment=comment, user=user
    )


def declared(sheet: ScoreSheet) -> User:
    user = sheet.expert.user
    if not sheets.has_declared(sheet.round_case.application, user):
        sheets.declare(sheet_id=sheet.pk, user=user, conflict=False)
    return user


def later(setting: Setting) -> Any:
    """Travel to the day after the window."""
    return time_machine.travel(f"{setting.after.isoformat()}T09:00:00+08:00", tick=False)


def scoring(cases: int = 3, **of: Any) -> Setting:
    """A round being scored; the clock of the caller stands after the window (see `later`)."""
    setting = Setting(**of).open()
    for _one in range(cases):
        setting.case()
    return setting
