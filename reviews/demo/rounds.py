"""A round of the demo: three projects compete, five of six experts score them, two are in."""

from decimal import Decimal
from typing import Any

from stdnum.cn import uscc

from applicants.domain import parties
from applicants.models import City, District, Party, User
from incentives.models import Programme
from reviews.demo import people, walk
from reviews.demo.cases import staff_of
from reviews.domain import (
    rounds_deciding,
    rounds_experts,
    rounds_scoring,
    rounds_setup,
    rounds_sheets,
)
from reviews.domain.rounds_rule import Rule
from reviews.domain.working_days import today
from reviews.models import Application, Expert, ScoreSheet, ScoringRound
from reviews.models.round import CutBy, Ties
from reviews.models.staff import Role

CODE = "key-tech-project-support"
EXPERTS = ("海洋大学", "海洋大学", "软件研究院", "材料研究所", "电子学会", "生物医药学会")
FIRMS = (
    ("91370211MA0000011", "示范海洋装备企业（演示）", "6217000000000000011"),
    ("91370211MA0000012", "示范新材料企业（演示）", "6217000000000000012"),
    ("91370211MA0000013", "示范软件企业（演示）", "6217000000000000013"),
)
CRITERIA = [
    {"id": "novelty", "zh": "创新性", "en": "Novelty", "weight": "40", "most": "10"},
    {"id": "feasibility", "zh": "可行性", "en": "Feasibility", "weight": "35", "most": "10"},
    {"id": "team", "zh": "团队与基础", "en": "Team and groundwork", "weight": "25", "most": "10"},
]
RULE = Rule(CutBy.NUMBER, Decimal(2), CRITERIA, sheets=5, ties=Ties.EARLIER, drop_extremes=True)


def make_round() -> bool:
    """Once; a window of a single day is over when scoring begins."""
    programme = Programme.objects.get(city=people.CITY, code=CODE)
    if ScoringRound.objects.filter(programme=programme).exists():
        return False
    _pool(programme.city)
    staff = staff_of(people.CITY)
    preparer, approver = (staff("sti", role) for role in (Role.PREPARER, Role.APPROVER))
    planned = rounds_setup.set_up(
        programme=programme,
        title=f"{today().year}年关键技术攻关项目评审（演示）",
        opens_on=today(),
        closes_on=today(),
        rule=RULE,
        user=preparer,
    )
    rounds_setup.open_round(round_id=planned.pk, user=approver)
    for place, one in enumerate(FIRMS, 1):
        _case(programme, place, *firm(*one), staff)
    rounds_scoring.begin(round_id=planned.pk, user=preparer)
    _score(planned)
    rounds_deciding.rank(round_id=planned.pk, user=approver)
    return True


def address(number: int) -> str:
    return f"expert{number}@demo.example"


def _pool(city: City) -> None:
    keeper = User.objects.get(email=people.office_address(Role.POLICY_EDITOR))
    for number, employer in enumerate(EXPERTS, 1):
        person = people.user(address(number), f"评审专家 {number}")
        if not Expert.objects.filter(city=city, user=person).exists():
            rounds_experts.add_expert(
                city=city,
                email=person.email,
                employer=f"{employer}（演示）",
                employer_uscc="",
                fields="关键技术攻关",
                user=keeper,
            )


def firm(code: str, name: str, number: str) -> tuple[User, Party]:
    clerk = people.user("project.clerk@demo.example", "项目单位 经办")
    party = parties.register_organisation(
        user=clerk,
        uscc=code + uscc.calc_check_digit(code),
        kind="enterprise",
        name=name,
        district=District.objects.get(city=people.CITY, code="laoshan"),
    )
    people.account(party, clerk, number)
    return clerk, party


def _case(
    programme: Programme, place: int, clerk: User, party: Party, staff: walk.Staff
) -> Application:
    facts: dict[str, Any] = dict(walk.example_facts(programme)[0])
    facts |= {"project_number": f"QD-KT-{today().year}-{place:02d}"}
    case = walk.draft(party=party, programme=programme, clerk=clerk, facts=facts)
    walk.submit(case, clerk)
    walk.accept(case, staff)
    walk.give_opinions(case, staff)
    walk.confirm_facts(case, staff)
    return case


def _score(found: ScoringRound) -> None:
    """Strict and generous experts, who agree on the order but for one."""
    sheets = ScoreSheet.objects.filter(round_case__round=found).select_related("expert__user")
    for sheet in sheets.order_by("round_case", "expert"):
        user = sheet.expert.user
        strict = Decimal(sheet.expert_id % 4) / 2
        taste = Decimal(sheet.expert_id * sheet.round_case_id % 5) / 4
        value = Decimal("9.5") - strict - taste - Decimal(sheet.round_case_id % 3)
        rounds_sheets.declare(sheet_id=sheet.pk, user=user, conflict=False)
        rounds_sheets.hand_in(
            sheet_id=sheet.pk,
            scores={one["id"]: f"{value:f}" for one in CRITERIA},
            comment="技术路线清楚，指标可考核。（演示）",
            user=user,
        )
