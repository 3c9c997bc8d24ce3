"""The people of the demo: staff of every bureau that a programme names, and three applicants.

Names are offices, not persons. Made only where HUIQI_ENV says demo.
"""

from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from stdnum.cn import uscc

from applicants.domain import accounts, parties
from applicants.models import City, District, Party, User
from incentives.domain.listing import Wanted, listed
from incentives.domain.programmes import rules_of, warm
from incentives.models import Bureau
from reviews.demo import walk
from reviews.models import StaffRole
from reviews.models.staff import Role

PASSWORD = "huiqi-demo-2026"  # noqa: S105  # printed on purpose; demo_data refuses production
CITY = "qingdao"
CITIES = {"qingdao": "", "dalian": "dl."}
"""What the addresses of a city's staff begin with."""
OF_CITY = (
    Role.POLICY_EDITOR,
    Role.AUDITOR,
    Role.WINDOW,
    Role.COORDINATOR,
    Role.SYSTEM,
    Role.SECURITY,
)


@dataclass(frozen=True)
class Account:
    email: str
    what: str


def user(email: str, name: str, **fields: bool) -> User:
    found = User.objects.filter(email=email).first()
    if found is None:
        found = User.objects.create_user(email, None, name=name, **fields)
        found.password = _hashed()
        found.save(update_fields=["password"])
        EmailAddress.objects.create(user=found, email=email, verified=True, primary=True)
    return found


@cache
def _hashed() -> str:
    """Everybody's password is the same, and hashing it takes its time."""
    return make_password(PASSWORD)


def make_staff() -> None:
    for city in CITIES:
        make_staff_of(city)


def make_staff_of(city: str) -> None:
    for bureau in bureaus_named(city):
        for role in (Role.PREPARER, Role.APPROVER, Role.LEADER):
            name = f"{bureau.name_zh} {role.label}"
            give(user(address(bureau.code, role, city), name, is_staff=True), city, role, bureau)
    # Those who check and pay are not those who write the finance bureau's opinions.
    finance = Bureau.objects.get(city=city, code="finance")
    for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
        give(office(role, city, f"{finance.name_zh} {role.label}"), city, role, finance)
    for role in OF_CITY:
        give(office(role, city, str(role.label)), city, role, None)
    # Whoever grants a role that signs does not confirm it.
    second = user(confirmer_address(city), str(Role.SECURITY.label), is_staff=True)
    give(second, city, Role.SECURITY, None)
    # Who drafts a version does not publish it.
    publisher = user(publisher_address(city), str(Role.POLICY_EDITOR.label), is_staff=True)
    give(publisher, city, Role.POLICY_EDITOR, None)


def bureaus_named(city: str) -> list[Bureau]:
    """Those that a programme of the city prints, asks for an opinion or is handled by."""
    versions = list(listed(Wanted(city=city)).defer("definition"))
    warm(versions)
    codes = {
        code
        for rule in map(rules_of, versions)
        for code in (*rule.bureaus.printed, *(rule.bureaus.opinions or ()), rule.bureaus.handling)
    }
    return list(Bureau.objects.filter(city=city, code__in=codes))


def address(code: str, role: Role, city: str = CITY) -> str:
    return f"{CITIES[city]}{code}.{role.value}@demo.example"


def publisher_address(city: str = CITY) -> str:
    return f"{CITIES[city]}policy.publisher@demo.example"


def confirmer_address(city: str = CITY) -> str:
    return f"{CITIES[city]}security.second@demo.example"


def office(role: Role, city: str, name: str) -> User:
    """One who holds a role of finance or of the city."""
    return user(office_address(role, city), name, is_staff=True)


def office_address(role: Role, city: str = CITY) -> str:
    short = role.value.replace("finance_", "pay.").replace("_", ".")
    return f"{CITIES[city]}{short}@demo.example"


def give(person: User, city: str, role: Role, bureau: Bureau | None) -> None:
    StaffRole.objects.get_or_create(
        user=person, city=City.objects.get(pk=city), role=role, bureau=bureau
    )


@dataclass(frozen=True)
class Firm:
    email: str
    name: str
    code: str
    district: str
    account: str


FIRMS = {
    "qingdao": Firm(
        "clerk@demo.example",
        "示范科技企业（演示）",
        "91370212MA0000001",
        "laoshan",
        "6217000000000000001",
    ),
    "dalian": Firm(
        "dl.clerk@demo.example",
        "示范制造企业（演示）",
        "91210211MA0000002",
        "jinzhou",
        "6217000000000000003",
    ),
}


def make_enterprise(city: str = CITY) -> tuple[User, Party]:
    firm = FIRMS[city]
    clerk = user(firm.email, "示范企业 经办")
    party = Party.objects.filter(uscc=_uscc(firm.code)).first()
    if party is None:
        party = parties.register_organisation(
            user=clerk,
            uscc=_uscc(firm.code),
            kind="enterprise",
            name=firm.name,
            district=District.objects.get(city=city, code=firm.district),
        )
        account(party, clerk, firm.account)
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
        party=party, holder=party.name, bank="演示银行", number=number, user=owner
    )


def _uscc(body: str) -> str:
    return body + uscc.calc_check_digit(body)


def accounts_shown() -> list[Account]:
    shown = [
        Account("clerk@demo.example", "enterprise clerk"),
        Account("dl.clerk@demo.example", "enterprise clerk in Dalian"),
        Account("talent@demo.example", "individual applicant"),
        Account("expert1@demo.example", "expert who scores (1 to 6)"),
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
        Account("policy.editor@demo.example", "policy editor, who drafts"),
        Account(publisher_address(), "policy editor, who publishes"),
        Account("auditor@demo.example", "auditor, reads everything"),
        Account("window@demo.example", "window clerk, files for those who cannot"),
        Account("coordinator@demo.example", "coordinating office, hears of what is overdue"),
        Account("system@demo.example", "system administrator"),
        Account("security@demo.example", "security administrator, gives and ends roles"),
        Account(confirmer_address(), "security administrator, confirms roles"),
        Account("dl.miit.approver@demo.example", "Dalian: dl. before the same addresses"),
    ]
