"""Cases of the demo, one at each stage of the way, so that every desk has something on it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from applicants.models import City, Party, User
from incentives.domain.settings import change_setting
from incentives.models import Programme, RegisterEntry, Setting
from reviews.demo import people, walk
from reviews.domain import acceptance, entries, objections
from reviews.domain.assessing import rules
from reviews.models import Application, PublicityItem
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role

Stage = Callable[[Application, dict[str, str]], None]


def staff_of(city: str) -> walk.Staff:
    """Those who hold the roles in a city."""

    def staff(code: str, role: Role) -> User:
        if role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
            return User.objects.get(email=people.office_address(role, city))
        return User.objects.get(email=people.address(code, role, city))

    return staff


WORKFLOWS: dict[str, dict[str, str]] = {
    "qingdao": {
        "first-set-insurance-compensation": "audit_first",
        "tech-transfer-institution": "audit_first",
        "neeq-listing-award": "light",
    },
    "dalian": {},
}
"""Programmes of the demo that do not go the usual way."""


def make_cases() -> int:
    """Returns how many were made; a case that is there already is left as it is."""
    talent, made = people.make_person(), 0
    for city, stages in STAGES.items():
        _set(city, None, "publicity_days", 0, "演示：公示当日期满，以便一次走完全程。")
        for code, preset in WORKFLOWS[city].items():
            programme = Programme.objects.get(city=city, code=code)
            _set(city, programme, "workflow", {"preset": preset}, "演示：办理流程（示例）")
        enterprise = people.make_enterprise(city)
        for code, stage in stages.items():
            clerk, party = talent if code == "settling-in-allowance" else enterprise
            made += _make(Programme.objects.get(city=city, code=code), stage, clerk, party)
    return made


def _make(programme: Programme, stage: Stage, clerk: User, party: Party) -> bool:
    if Application.objects.filter(programme=programme, applicant=party).exists():
        return False
    facts, choices, settings = walk.example(programme)
    for key, value in settings.items():
        _set(programme.city_id, programme, key, value, "演示：实施细则（示例）")
    stage(walk.draft(party=party, programme=programme, clerk=clerk, facts=facts), choices)
    return True


def _set(city_code: str, programme: Programme | None, key: str, value: Any, basis: str) -> None:
    """Once: what stands already is not set again."""
    if Setting.objects.filter(city=city_code, programme=programme, key=key).exists():
        return
    change_setting(
        city=City.objects.get(pk=city_code),
        programme=programme,
        key=key,
        value=value,
        basis=basis,
        actor=User.objects.get(email=people.office_address(Role.POLICY_EDITOR, city_code)),
    )


def drafted(case: Application, choices: dict[str, str]) -> None:
    """Left as a draft."""


def submitted(case: Application, choices: dict[str, str]) -> None:
    walk.submit(case, case.started_by)


def returned(case: Application, choices: dict[str, str]) -> None:
    submitted(case, choices)
    acceptance.return_case(
        case_id=case.pk,
        user=walk.preparer(case, staff_of(case.city_id)),
        reason="证明材料缺少加盖公章的页面，请补传。",
    )


def accepted(case: Application, choices: dict[str, str]) -> None:
    submitted(case, choices)
    walk.accept(case, staff_of(case.city_id))


def commissioned(case: Application, choices: dict[str, str]) -> None:
    """A third party audits it: the firm is commissioned, its report is awaited."""
    accepted(case, choices)
    walk.commission_audit(case, staff_of(case.city_id))


def audited(case: Application, choices: dict[str, str]) -> None:
    """The report is recorded, the bureaus are asked."""
    commissioned(case, choices)
    walk.record_audit(case, staff_of(case.city_id))


def reviewed(case: Application, choices: dict[str, str]) -> None:
    accepted(case, choices)
    walk.give_opinions(case, staff_of(case.city_id), attached=True)


def proposed(case: Application, choices: dict[str, str]) -> None:
    reviewed(case, choices)
    walk.confirm_facts(case, staff_of(case.city_id))
    walk.propose(case, staff_of(case.city_id), choices)


def determined(case: Application, choices: dict[str, str]) -> None:
    proposed(case, choices)
    walk.approve(case, staff_of(case.city_id))


def checked(case: Application, choices: dict[str, str]) -> None:
    determined(case, choices)
    walk.check(case, staff_of(case.city_id))


def awarded(case: Application, choices: dict[str, str]) -> None:
    checked(case, choices)
    walk.publish(case, staff_of(case.city_id))
    walk.award(case, staff_of(case.city_id))


def objected(case: Application, choices: dict[str, str]) -> None:
    """Made public, and objected to by somebody who sends a paper along."""
    checked(case, choices)
    walk.publish(case, staff_of(case.city_id))
    objections.file_objection(
        item_id=PublicityItem.objects.get(application=case).pk,
        name="某行业协会（演示）",
        contact="0532-00000000",
        text="该单位的证书已被撤销，附撤销公告。（演示）",
        document=walk.city_paper(None, "撤销公告.pdf"),
    )


def entered(case: Application, choices: dict[str, str]) -> None:
    """Made public where that is due, and entered in its register."""
    determined(case, choices)
    case.refresh_from_db()
    if case.state == CaseState.CONCLUDED:
        return
    if rules(case).outcome.pays:
        walk.check(case, staff_of(case.city_id))
    walk.publish(case, staff_of(case.city_id))
    walk.conclude(case, staff_of(case.city_id))


def redeemed(case: Application, choices: dict[str, str]) -> None:
    entered(case, choices)
    _step(case, "redeem", "凭技术服务合同和发票兑付。", amount=Decimal("150000.00"))


def delivered(case: Application, choices: dict[str, str]) -> None:
    entered(case, choices)
    _step(case, "deliver", "按确认的方案完成服务，企业已签收。")


def _step(case: Application, kind: str, note: str, **more: Any) -> None:
    entry = RegisterEntry.objects.get(city=case.city_id, case_number=case.number)
    approver = staff_of(case.city_id)(case.handling_bureau.code, Role.APPROVER)
    entries.take_step(entry_id=entry.pk, kind=kind, note=note, user=approver, **more)


STAGES: dict[str, dict[str, Stage]] = {
    "qingdao": {
        "enterprise-tech-centre-award": submitted,
        "national-project-team-award": accepted,
        "innovation-centre-investment-subsidy": returned,
        "top500-entry-award": reviewed,
        "tech-sme-rd-reward": proposed,
        "hitech-renewal-award": determined,
        "engineering-centre-award": checked,
        "enterprise-title-award": awarded,
        "domestic-listing-award": awarded,
        "hitech-first-recognition-award": objected,
        "culture-top30-award": drafted,
        "settling-in-allowance": submitted,
        "innovative-leader-enterprise": entered,
        "hitech-ipo-pool": entered,
        "innovation-voucher-qd": redeemed,
        "intl-patent-layout": delivered,
        "first-purchase-catalogue": determined,
        "first-set-insurance-compensation": audited,
        "tech-transfer-institution": commissioned,
        "neeq-listing-award": submitted,  # light: taken on by itself
    },
    "dalian": {
        "dl-champion-cultivation": entered,
        "dl-project-library": accepted,
    },
}
