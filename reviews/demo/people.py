"""The people of the demo: staff of every bureau that a programme prints, and two applicants.

Names are offices, not persons. Made only where HUIQI_ENV says demo.
"""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from stdnum.cn import uscc

from applicants.domain import accounts, parties
from applicants.models import City, District, Party, User
from incentives.domain.programmes import rules_of
from incentives.models import Bureau, Programme
from reviews.demo import walk
from reviews.models import StaffRole
from reviews.models.staff import Role

PASSWORD = "huiqi-demo-2026"  # noqa: S105  # printed on purpose; demo_data refuses production
CITY = "qingdao"


@dataclass(frozen=True)
class Account:
    email: str
    what: str


def user(email: str, name: str, **fields: bool) -> User:
    found = User.objects.filter(email=email).first()
    if found is None:
        found = User.objects.create_user(email, PASSWORD, name=name, **fields)
        EmailAddress.objects.create(user=found, email=email, verified=True, primary=True)
    return found


def make_staff() -> None:
    for bureau in printed_bureaus():
        for role in (Role.PREPARER, Role.APPROVER):
            name = f"{bureau.name_zh} {role.label}"
            give(user(address(bureau.code, role), name, is_staff=True), role, bureau)
    # Those who check and pay are not those who write the finance bureau's opinions.
    finance = Bureau.objects.get(city=CITY, code="finance")
    for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
        give(office(role, f"{finance.name_zh} {role.label}"), role, finance)
    for role in (Role.POLICY_EDITOR, Role.AUDITOR):
        give(office(role, str(role.label)), role, None)
    user("admin@demo.example", "系统管理员", is_staff=True, is_superuser=True)


def printed_bureaus() -> list[Bureau]:
    rules = [rules_of(programme.current) for programme in Programme.objects.filter(city=CITY)]
    codes = {code for rule in rules for code in (*rule.bureaus.printed, rule.bureaus.handling)}
    return list(Bureau.objects.filter(city=CITY, code__in=codes))


def address(code: str, role: Role) -> str:
    return f"{code}.{role.value}@demo.example"


def office(role: Role, name: str) -> User:
    """One who holds a role of finance or of the city."""
    return user(office_address(role), name, is_staff=True)


def office_address(role: Role) -> str:
    return f"{role.value.replace('finance_', 'pay.').replace('_', '.')}@demo.example"


def give(person: User, role: Role, bureau: Bureau | None) -> None:
    StaffRole.objects.get_or_create(
        user=person, city=City.objects.get(pk=CITY), role=role, bureau=bureau
    )


def make_enterprise() -> tuple[User, Party]:
    clerk = user("clerk@demo.example", "示范企业 经办")
    party = Party.objects.filter(uscc=_uscc("91370212MA0000001")).first()
    if party is None:
        party = parties.register_organisation(
            user=clerk,
            uscc=_uscc("91370212MA0000001"),
            kind="enterprise",
            name="示范科技企业（演示）",
            district=District.objects.get(city=CITY, code="laoshan"),
        )
        account(party, clerk, "6217000000000000001")
    return clerk, party


def make_person() -> tuple[User, Party]:
    person = user("talent@demo.example", "示范人才")
    found = Party.objects.filter(kind="person", name="示范人才（演示）").first()
    if found is None:
        found = parties.register_person(
            user=person, name="示范人才（演示）", id_number=walk.identity()
        )
        account(found, person, "6217000000000000002")
    return person, found


def account(party: Party, owner: User, number: str) -> None:
    accounts.add_bank_account(
        party=party, holder=party.name, bank="演示银行青岛分行", number=number, user=owner
    )


def _uscc(body: str) -> str:
    return body + uscc.calc_check_digit(body)


def accounts_shown() -> list[Account]:
    shown = [
        Account("clerk@demo.example", "enterprise clerk"),
        Account("talent@demo.example", "individual applicant"),
    ]
    for bureau in Bureau.objects.filter(city=CITY, code__in=["sti", "drc", "miit"]).order_by("id"):
        shown += [
            Account(address(bureau.code, role), f"{bureau.name_en}, {role.value}")
            for role in (Role.PREPARER, Role.APPROVER)
        ]
    return [
        *shown,
        Account("pay.preparer@demo.example", "finance preparer"),
        Account("pay.approver@demo.example", "finance approver"),
        Account("policy.editor@demo.example", "policy editor"),
        Account("auditor@demo.example", "auditor, reads everything"),
    ]
