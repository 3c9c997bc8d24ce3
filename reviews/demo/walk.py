"""Walk a case along its way by the verbs, each by somebody entitled: for the demo and the tests."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from stdnum.cn import ric, uscc

from applicants.domain import documents
from applicants.models import Document, Party, User
from incentives.domain.papers import brought_at
from incentives.domain.programmes import rules_of
from incentives.models import Award, Programme, RegisterEntry
from incentives.policy.examples import Example
from incentives.policy.outcomes import DESCRIBED
from incentives.policy.programme import Programme as Rules
from reviews.demo.paper import one_page_pdf
from reviews.domain import (
    acceptance,
    applications,
    audits,
    awarding,
    concluded,
    determinations,
    finance,
    interests,
    opinions,
    payees,
    publicity,
    working_days,
)
from reviews.models import Application
from reviews.models.determination import Outcome
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind

Staff = Callable[[str, Role], User]
_serial = count(1)


def example(programme: Programme) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Facts, choices and settings of the first worked example that is granted as it stands."""
    found = granted_example(rules_of(programme.current))
    data = found.model_dump(mode="json", by_alias=True)
    return data["facts"], data["choices"], data["settings"]


def granted_example(rules: Rules) -> Example:
    return next(
        example
        for example in rules.examples
        if (example.amount or (example.decision == "eligible" and not rules.outcome.pays))
        and not example.after
        and not example.cut_by
    )


def example_facts(programme: Programme) -> tuple[dict[str, Any], dict[str, str]]:
    return example(programme)[:2]


def paper(party: Party, user: User, name: str = "证明材料.pdf") -> Document:
    return documents.store(party=party, upload=_upload(name), user=user)


def city_paper(user: User | None, name: str) -> Document:
    return documents.keep(party=None, upload=_upload(name), user=user)


def _upload(name: str) -> SimpleUploadedFile:
    content = one_page_pdf("Huiqi: evidence for the demo")
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def identity() -> str:
    body = f"37020219910101{next(_serial):03d}"
    return body + ric.calc_check_digit(f"{body}0")  # it leaves the last character out


def draft(
    *, party: Party, programme: Programme, clerk: User, facts: Mapping[str, Any]
) -> Application:
    """A draft with its facts, a paper beside each that asks for one, and a team where needed."""
    case = applications.start_application(party=party, programme=programme, user=clerk)
    rules = rules_of(case.version)
    own = {key: value for key, value in facts.items() if key != rules.roles.members}
    problems = applications.save_facts(case_id=case.pk, values=own, user=clerk)
    if problems:
        raise ValueError(problems)
    for key in (k for k, at in brought_at(rules, list(rules.facts)).items() if k == at):
        if not rules.facts[key].evidence:
            continue
        applications.attach(case_id=case.pk, fact_key=key, document=paper(party, clerk), user=clerk)
    if rules.roles.payee == "members":
        _add_team(case, clerk)
    return case


def _add_team(case: Application, clerk: User) -> None:
    for name, share in (("团队成员一", "60"), ("团队成员二", "40")):
        payees.add_payee(
            case_id=case.pk,
            name=name,
            id_number=identity(),
            bank="演示银行青岛分行",
            number=f"622200000{next(_serial):010d}",
            share=share,
            user=clerk,
        )


def submit(case: Application, clerk: User) -> None:
    applications.submit(case_id=case.pk, user=clerk, declared_true=True)


def declared(case: Application, user: User) -> User:
    """The person, who has declared to have no interest in the case."""
    if not interests.has_declared(case, user):
        interests.declare(case_id=case.pk, user=user, conflict=False)
    return user


def by(case: Application, staff: Staff, bureau: str, role: Role) -> User:
    return declared(case, staff(bureau, role))


def preparer(case: Application, staff: Staff) -> User:
    return by(case, staff, case.handling_bureau.code, Role.PREPARER)


def approver(case: Application, staff: Staff) -> User:
    return by(case, staff, case.handling_bureau.code, Role.APPROVER)


def accept(case: Application, staff: Staff) -> None:
    acceptance.accept(case_id=case.pk, user=preparer(case, staff))


def auditor() -> str:
    """The code of a made-up audit firm."""
    body = "91370200000000888"
    return body + uscc.calc_check_digit(body)


def commission_audit(case: Application, staff: Staff) -> None:
    audits.commission(
        case_id=case.pk,
        auditor="演示第三方审计机构",
        auditor_uscc=auditor(),
        scope="申报的金额和凭证是否属实。",
        due_on=working_days.add_working_days(working_days.today(), 10),
        user=preparer(case, staff),
    )


def record_audit(case: Application, staff: Staff) -> None:
    """With the declared values, but for the first sum, which the firm found to be a tenth less."""
    upload = SimpleUploadedFile(
        "审计报告.pdf", one_page_pdf("Huiqi: audit report"), content_type="application/pdf"
    )
    values = {f.key: f.declared for f in case.facts.all() if f.declared is not None}
    facts = rules_of(case.version).facts
    for key in [key for key in values if facts[key].type == "money"][:1]:
        values[key] = f"{Decimal(values[key]) * 9 / 10:.2f}"
    told = audits.Told(
        auditor="演示第三方审计机构",
        auditor_uscc=auditor(),
        report_number="审字〔2026〕第1号",
        finding="除一项金额核减外，其余与申报一致。",
        facts=values,
    )
    audits.receive(case_id=case.pk, told=told, upload=upload, user=preparer(case, staff))


def give_opinions(case: Application, staff: Staff, *, attached: bool = False) -> None:
    tasks = case.tasks.filter(kind=TaskKind.OPINION, state="open").select_related("bureau")
    for task in list(tasks):
        user = by(case, staff, task.bureau.code, Role.PREPARER)
        opinions.prepare_opinion(
            case_id=case.pk,
            bureau=task.bureau,
            position=Position.AGREE,
            text="",
            papers=[city_paper(user, "核查情况说明.pdf")] if attached else [],
            user=user,
        )
        opinions.approve_opinion(
            case_id=case.pk,
            bureau=task.bureau,
            user=by(case, staff, task.bureau.code, Role.APPROVER),
        )


def confirm_facts(case: Application, staff: Staff) -> None:
    determinations.confirm_facts(
        case_id=case.pk,
        values={f.key: f.declared for f in case.facts.all() if f.declared is not None},
        user=preparer(case, staff),
    )


def propose(case: Application, staff: Staff, choices: Mapping[str, str]) -> None:
    determinations.propose(
        case_id=case.pk,
        outcome=Outcome.AWARD,
        choices=dict(choices),
        reason="材料齐全，符合条款规定的条件。",
        terms="按条款和承办单位方案执行。"
        if rules_of(case.version).outcome.kind in DESCRIBED
        else "",
        user=preparer(case, staff),
    )


def approve(case: Application, staff: Staff) -> None:
    determinations.approve(case_id=case.pk, user=approver(case, staff))


def check(case: Application, staff: Staff) -> None:
    finance.check(
        case_id=case.pk,
        user=by(case, staff, "finance", Role.FINANCE_PREPARER),
        note="账户、资金来源、重复享受和信用情况已核查。",
    )


def publish(case: Application, staff: Staff) -> None:
    publicity.publish(case_ids=[case.pk], user=preparer(case, staff))


def award(case: Application, staff: Staff) -> Award:
    return awarding.award(case_id=case.pk, user=approver(case, staff))


def conclude(case: Application, staff: Staff) -> RegisterEntry:
    return concluded.conclude(case_id=case.pk, user=approver(case, staff))


def to_determined(case: Application, staff: Staff, choices: Mapping[str, str]) -> Application:
    """From submitted to determined (or refused, when the caps leave nothing)."""
    accept(case, staff)
    give_opinions(case, staff)
    confirm_facts(case, staff)
    propose(case, staff, choices)
    approve(case, staff)
    case.refresh_from_db()
    return case
