"""A round of the rules over real cases: what the simulator says, to the fen, and then awarded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applicants.domain.errors import Conflict, Refused
from applicants.models import Party
from incentives.domain.settings import change_setting
from incentives.domain.simulate import simulate_lines
from incentives.models import Award, Bureau, PolicyDocument, Programme, ProgrammeVersion
from incentives.policy import digest, dumps
from incentives.policy.programme import Programme as Rules
from reviews.demo import walk
from reviews.domain import determinations, rounds_deciding, rounds_setup
from reviews.domain.replay import replay
from reviews.domain.rounds_rule import Rule
from reviews.domain.working_days import today
from reviews.models import Application, CaseFact, ScoringRound
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.round import CutBy, RoundState
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff
from tests.incentives.policy.builders import fact, parameter, programme, words
from tests.reviews.rounds import later

pytestmark = pytest.mark.django_db
SHAPES = list(product(("all", "none", "earlier"), (True, False), ("pro_rata", "first_come", None)))
CAP = 1000


def rules_of(ties: str = "earlier", moves_up: bool = True, share: str | None = "pro_rata") -> Rules:
    """The first so many by growth, the pot shared; at most 1,000 yuan a year for an applicant."""
    rank = {"by": "growth", "order": "highest", "first": "@places", "ties": ties,
            "moves_up": str(moves_up).lower()}  # fmt: skip
    budget = {"budget": "@pot", "share": share} if share else {}
    return programme(
        code="test-round",
        facts={"growth": fact("percent", "growth"), "cost": fact("money", "cost")},
        amount="cost",
        round={"label": words(), "rank": rank, **budget},
        parameters={"places": parameter("integer", "2")}
        | ({"pot": parameter("money", "900")} if share else {}),
        caps=[{
            "id": "year", "label": words(), "limit": str(CAP), "per": ["applicant"],
            "period": "year", "year_of": "approval", "printed": "true",
        }],
    )  # fmt: skip


class Held:
    """A programme whose rules hold a round, opened, with its handling bureau's people."""

    def __init__(self) -> None:
        rules = rules_of()
        self.programme = Programme.objects.create(
            city_id="qingdao", code=rules.code, section="三(一)", case_type="award",
            document=PolicyDocument.objects.get(code=rules.source.document),
            title_zh="轮次", title_en="round",
            handling_bureau=Bureau.objects.get(city="qingdao", code="sti"),
        )  # fmt: skip
        self.version(rules)
        self.preparer, self.approver = (
            make_staff(role, "sti") for role in (Role.PREPARER, Role.APPROVER)
        )
        self.casts: list[Cast] = []
        self.round = self.plan()
        rounds_setup.open_round(round_id=self.round.pk, user=self.approver)

    def plan(self) -> ScoringRound:
        return rounds_setup.set_up(
            programme=self.programme, title="一", opens_on=today(),
            closes_on=today() + timedelta(days=3), rule=Rule(CutBy.RULES), user=self.preparer,
        )  # fmt: skip

    def version(self, rules: Rules) -> ProgrammeVersion:
        found, _ = ProgrammeVersion.objects.get_or_create(
            programme=self.programme,
            digest=digest(rules),
            defaults={
                "number": self.programme.versions.count() + 1,
                "definition": dumps(rules.to_json()),
            },
        )
        return found

    def case(self, growth: str, cost: str, party: Party | None = None) -> Application:
        cast = Cast(self.programme.code)
        if party is not None:
            cast.party, cast.clerk = party, self.casts[0].clerk
        self.casts.append(cast)
        return factories.reviewed(cast, {"growth": growth, "cost": cost})

    def settle(self) -> dict[str, Any]:
        with later(self):  # type: ignore[arg-type]
            rounds_deciding.settle(round_id=self.round.pk, user=self.approver)
        self.round.refresh_from_db()
        return dict(self.round.result)

    @property
    def after(self) -> Any:
        return self.round.closes_on + timedelta(days=1)

    def set(self, **values: Any) -> None:
        for key, value in values.items():
            change_setting(
                city=self.programme.city, programme=self.programme, key=key, value=value,
                basis="测试", actor=self.approver,
            )  # fmt: skip


def granted(result: dict[str, Any]) -> dict[str, str]:
    return {line["number"]: line["granted"] for line in (*result["cases"], *result["outside"])}


def propose(held: Held, place: int, outcome: Outcome = Outcome.AWARD) -> None:
    cast = held.casts[place]
    determinations.propose(
        case_id=cast.party.application_set.latest("id").pk, outcome=outcome, choices={},
        reason="按轮次结果", user=cast.of("sti", Role.PREPARER),
    )  # fmt: skip


def test_a_settled_share_is_determined_reserved_and_replayed() -> None:
    held = Held()
    cases = [held.case("30%", "600"), held.case("20%", "500"), held.case("10%", "400")]
    with pytest.raises(Conflict):
        propose(held, 0)
    with pytest.raises(Conflict):
        rounds_deciding.settle(round_id=held.round.pk, user=held.approver)
    result = held.settle()
    assert granted(result) == {
        cases[0].number: "490.91", cases[1].number: "409.09", cases[2].number: "0.00",
    }  # 900 x 600/1100 and 900 x 500/1100  # fmt: skip
    assert (result["total"], result["left"]) == ("900.00", "0.00")
    assert held.round.state == RoundState.RANKED
    assert rounds_deciding.verify(held.round)
    assert not Award.objects.exists()
    propose(held, 0)
    with pytest.raises(Refused):
        propose(held, 2)
    propose(held, 2, Outcome.REFUSE)
    walk.approve(cases[0], held.casts[0].of)
    determination = cases[0].determinations.get()
    assert (determination.assessed, determination.granted) == (Decimal("490.91"),) * 2
    assert replay(determination).same
    assert factories.fresh(cases[0]).state == CaseState.DETERMINED
    with pytest.raises(Conflict):
        rounds_deciding.settle(round_id=held.round.pk, user=held.approver)


def test_unconfirmed_facts_stop_the_settlement_and_name_the_case() -> None:
    held = Held()
    case = held.case("30%", "600")
    CaseFact.objects.filter(application=case, key="cost").update(
        confirmed=None, confirmed_by=None, confirmed_at=None
    )
    with pytest.raises(Refused, match=str(case.number)):
        held.settle()


def test_a_round_of_the_rules_takes_no_criteria_and_no_cut_of_its_own() -> None:
    held = Held()
    with pytest.raises(Refused) as raised:
        rounds_setup.set_up(
            programme=held.programme, title="二", opens_on=held.after, closes_on=held.after,
            rule=Rule(CutBy.NUMBER, Decimal(1), [{"id": "a"}]), user=held.preparer,
        )  # fmt: skip
    assert sorted(raised.value.message_dict) == ["criteria", "cut_by"]


@pytest.fixture
def five(db: None) -> Held:
    """Five cases of three applicants: the first three are of one."""
    held = Held()
    first = held.case("1%", "100")
    for place in range(4):
        held.case("1%", "100", first.applicant if place < 2 else None)
    return held


entries = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 90_000)), min_size=5, max_size=5)
places = st.integers(1, 6)
pots = st.integers(1, 250_000)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(entries, places, pots, st.sampled_from(SHAPES))
def test_real_cases_are_settled_as_the_simulator_does(
    five: Held, drawn: list[tuple[int, int]], first: int, pot: int, shape: Any
) -> None:
    rules = rules_of(*shape)
    chosen: dict[str, Any] = {"places": first}
    if shape[2]:
        chosen["pot"] = f"{Decimal(pot) / 100:.2f}"
    facts = [
        {"growth": f"{growth}%", "cost": f"{Decimal(cost) / 100:.2f}"} for growth, cost in drawn
    ]
    with undone():
        five.set(**chosen)
        version = five.version(rules)
        cases = list(Application.objects.filter(round_case__round=five.round).order_by("pk"))
        for case, values in zip(cases, facts, strict=True):
            Application.objects.filter(pk=case.pk).update(version=version)
            for key, value in values.items():
                CaseFact.objects.filter(application=case, key=key).update(confirmed=value)
        real = granted(five.settle())
        assert rounds_deciding.verify(five.round)
    assert real == simulated(rules, chosen, cases, facts)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def simulated(
    rules: Rules, chosen: dict[str, Any], cases: list[Application], facts: list[dict[str, str]]
) -> dict[str, str]:
    lines = [
        dumps(
            {
                "ref": case.number, "programme": rules.code, "on": today().isoformat(),
                "applicant": str(case.applicant_id), "facts": values,
            }
        )
        for case, values in zip(cases, facts, strict=True)
    ]  # fmt: skip
    told = list(
        simulate_lines(lines, programmes={rules.code: rules}, settings={rules.code: chosen})
    )
    settled = [line for line in told if line.get("kind") == "settlement"]
    assert [line.get("error") for line in told] == [None] * len(told), told
    shares = {one["ref"]: one["granted"] for line in settled for one in line["shares"]}
    return {str(case.number): shares.get(case.number, "0.00") for case in cases}
