"""Cases of the demo, one at each stage of the way, so that every desk has something on it."""

from collections.abc import Callable

from applicants.models import City, Party, User
from incentives.domain.settings import change_setting, setting
from incentives.models import Programme
from reviews.demo import people, walk
from reviews.domain import acceptance
from reviews.models import Application
from reviews.models.staff import Role

Stage = Callable[[Application, dict[str, str]], None]


def staff(code: str, role: Role) -> User:
    if role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
        return User.objects.get(email=people.office_address(role))
    return User.objects.get(email=people.address(code, role))


def make_cases() -> int:
    """Returns how many were made; a case that is there already is left as it is."""
    _show_publicity_briefly()
    enterprise, talent = people.make_enterprise(), people.make_person()
    made = 0
    for code, stage in STAGES.items():
        clerk, party = talent if code == "settling-in-allowance" else enterprise
        made += _make(code, stage, clerk, party)
    return made


def _make(code: str, stage: Stage, clerk: User, party: Party) -> bool:
    programme = Programme.objects.get(city=people.CITY, code=code)
    if Application.objects.filter(programme=programme, applicant=party).exists():
        return False
    facts, choices = walk.example_facts(programme)
    stage(walk.draft(party=party, programme=programme, clerk=clerk, facts=facts), choices)
    return True


def _show_publicity_briefly() -> None:
    city = City.objects.get(pk=people.CITY)
    if setting(city=city, key="publicity_days") != 0:
        change_setting(
            city=city,
            programme=None,
            key="publicity_days",
            value=0,
            basis="演示：公示当日期满，以便一次走完全程。",
            actor=User.objects.get(email="policy.editor@demo.example"),
        )


def drafted(case: Application, choices: dict[str, str]) -> None:
    """Left as a draft."""


def submitted(case: Application, choices: dict[str, str]) -> None:
    walk.submit(case, case.started_by)


def returned(case: Application, choices: dict[str, str]) -> None:
    submitted(case, choices)
    acceptance.return_case(
        case_id=case.pk,
        user=staff(case.handling_bureau.code, Role.PREPARER),
        reason="证明材料缺少加盖公章的页面，请补传。",
    )


def accepted(case: Application, choices: dict[str, str]) -> None:
    submitted(case, choices)
    walk.accept(case, staff)


def reviewed(case: Application, choices: dict[str, str]) -> None:
    accepted(case, choices)
    walk.give_opinions(case, staff)


def proposed(case: Application, choices: dict[str, str]) -> None:
    reviewed(case, choices)
    walk.confirm_facts(case, staff)
    walk.propose(case, staff, choices)


def determined(case: Application, choices: dict[str, str]) -> None:
    proposed(case, choices)
    walk.approve(case, staff)


def checked(case: Application, choices: dict[str, str]) -> None:
    determined(case, choices)
    walk.check(case, staff)


def awarded(case: Application, choices: dict[str, str]) -> None:
    checked(case, choices)
    walk.publish(case, staff)
    walk.award(case, staff)


STAGES: dict[str, Stage] = {
    "enterprise-tech-centre-award": submitted,
    "national-project-team-award": accepted,
    "innovation-centre-investment-subsidy": returned,
    "top500-entry-award": reviewed,
    "tech-sme-rd-reward": proposed,
    "hitech-renewal-award": determined,
    "engineering-centre-award": checked,
    "enterprise-title-award": awarded,
    "culture-top30-award": drafted,
    "settling-in-allowance": submitted,
}
