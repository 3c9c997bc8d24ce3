"""People, parties and cases for tests, made by the same verbs as in life."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from stdnum.cn import ric, uscc

from applicants.domain import accounts, documents, parties
from applicants.models import City, District, Document, Party, User
from incentives.models import Award, Bureau, Programme
from reviews.domain import (
    acceptance,
    applications,
    awarding,
    determinations,
    finance,
    opinions,
    payees,
    publicity,
)
from reviews.models import Application, StaffRole
from reviews.models.determination import Outcome
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind

_serial = count(1)
PASSWORD = "a long test passphrase"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def qingdao() -> City:
    return City.objects.get(pk="qingdao")


def bureau(code: str) -> Bureau:
    return Bureau.objects.get(city="qingdao", code=code)


def programme(code: str) -> Programme:
    return Programme.objects.get(city="qingdao", code=code)


def make_user(name: str = "", **fields: Any) -> User:
    number = next(_serial)
    return User.objects.create_user(
        f"{name or 'user'}{number}@example.test", PASSWORD, name=name or f"user {number}", **fields
    )


def make_staff(role: Role, bureau_code: str | None = None) -> User:
    user = make_user(f"{bureau_code or 'city'}-{role}", is_staff=True)
    give_role(user, role, bureau_code)
    return user


def give_role(user: User, role: Role, bureau_code: str | None = None) -> StaffRole:
    return StaffRole.objects.create(
        user=user, city=qingdao(), role=role, bureau=bureau(bureau_code) if bureau_code else None
    )


def valid_uscc() -> str:
    body = f"9137020{next(_serial):010d}"
    return body + uscc.calc_check_digit(body)


def valid_identity() -> str:
    body = f"37020219900101{next(_serial):03d}"
    return body + ric.calc_check_digit(body)


def make_organisation(owner: User, kind: str = "enterprise", district: str = "laoshan") -> Party:
    party = parties.register_organisation(
        user=owner,
        uscc=valid_uscc(),
        kind=kind,
        name=f"测试单位{next(_serial)}",
        district=District.objects.get(city="qingdao", code=district),
    )
    add_account(party, owner)
    return party


def make_person(user: User) -> Party:
    party = parties.register_person(user=user, name="测试人员", id_number=valid_identity())
    add_account(party, user)
    return party


def add_account(party: Party, user: User) -> None:
    accounts.add_bank_account(
        party=party,
        holder=party.name,
        bank="测试银行青岛分行",
        number=f"62170000{next(_serial):011d}",
        user=user,
    )


def make_document(party: Party, user: User, name: str = "evidence.pdf") -> Document:
    upload = SimpleUploadedFile(name, PDF, content_type="application/pdf")
    return documents.store(party=party, upload=upload, user=user)


class Cast:
    """The people around one programme: an applicant's clerk, and staff of every bureau it needs."""

    def __init__(self, code: str, kind: str = "enterprise") -> None:
        self.programme = programme(code)
        self.clerk = make_user("clerk")
        self.party = (
            make_person(self.clerk) if kind == "person" else make_organisation(self.clerk, kind)
        )
        self.staff: dict[tuple[str, Role], User] = {}

    def of(self, bureau_code: str, role: Role) -> User:
        if (bureau_code, role) not in self.staff:
            self.staff[bureau_code, role] = make_staff(role, bureau_code)
        return self.staff[bureau_code, role]

    @property
    def handling(self) -> str:
        return self.programme.handling_bureau.code


def draft(cast: Cast, facts: Mapping[str, Any]) -> Application:
    """A draft with its facts, a paper beside each that asks for one, and payees where needed."""
    case = applications.start_application(
        party=cast.party, programme=cast.programme, user=cast.clerk
    )
    problems = applications.save_facts(case_id=case.pk, values=facts, user=cast.clerk)
    assert problems == {}
    from incentives.domain.programmes import rules_of

    rules = rules_of(case.version)
    for key, fact in rules.facts.items():
        if fact.evidence:
            applications.attach(
                case_id=case.pk,
                fact_key=key,
                document=make_document(cast.party, cast.clerk),
                user=cast.clerk,
            )
    if rules.roles.payee == "members":
        for share in ("60", "40"):
            payees.add_payee(
                case_id=case.pk,
                name="团队成员",
                id_number=valid_identity(),
                bank="测试银行",
                number=f"62220000{next(_serial):011d}",
                share=Decimal(share),
                user=cast.clerk,
            )
    return case


def submitted(cast: Cast, facts: Mapping[str, Any]) -> Application:
    case = draft(cast, facts)
    return applications.submit(case_id=case.pk, user=cast.clerk, declared_true=True)


def accepted(cast: Cast, facts: Mapping[str, Any]) -> Application:
    case = submitted(cast, facts)
    return acceptance.accept(case_id=case.pk, user=cast.of(cast.handling, Role.PREPARER))


def reviewed(cast: Cast, facts: Mapping[str, Any]) -> Application:
    """Accepted, every opinion given, every fact confirmed as declared."""
    case = accepted(cast, facts)
    for task in case.tasks.filter(kind=TaskKind.OPINION):
        code = task.bureau.code
        opinions.prepare_opinion(
            case_id=case.pk,
            bureau=task.bureau,
            position=Position.AGREE,
            text="",
            user=cast.of(code, Role.PREPARER),
        )
        opinions.approve_opinion(
            case_id=case.pk, bureau=task.bureau, user=cast.of(code, Role.APPROVER)
        )
    determinations.confirm_facts(
        case_id=case.pk,
        values={fact.key: fact.declared for fact in case.facts.all()},
        user=cast.of(cast.handling, Role.PREPARER),
    )
    return case


def proposed(
    cast: Cast, facts: Mapping[str, Any], choices: Mapping[str, str] | None = None
) -> Application:
    case = reviewed(cast, facts)
    determinations.propose(
        case_id=case.pk,
        outcome=Outcome.AWARD,
        choices=dict(choices or {}),
        reason="符合条件",
        user=cast.of(cast.handling, Role.PREPARER),
    )
    return case


def determined(
    cast: Cast, facts: Mapping[str, Any], choices: Mapping[str, str] | None = None
) -> Application:
    case = proposed(cast, facts, choices)
    determinations.approve(case_id=case.pk, user=cast.of(cast.handling, Role.APPROVER))
    case.refresh_from_db()
    return case


def published(
    cast: Cast, facts: Mapping[str, Any], choices: Mapping[str, str] | None = None
) -> Application:
    case = determined(cast, facts, choices)
    finance.check(
        case_id=case.pk, user=cast.of("finance", Role.FINANCE_PREPARER), note="账户、来源无误"
    )
    publicity.publish(case_ids=[case.pk], user=cast.of(cast.handling, Role.PREPARER))
    case.refresh_from_db()
    return case


def award_of(case: Application) -> Award:
    return Award.objects.get(case_number=case.number)


def decide_award(cast: Cast, case: Application) -> Award:
    """Only after publicity: travel past its end first."""
    return awarding.award(case_id=case.pk, user=cast.of(cast.handling, Role.APPROVER))


def publicity_end(case: Application) -> date:
    return case.publicityitem_set.latest("id").notice.ends_on
