"""People, parties and cases for tests, made by the same verbs as in life."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from itertools import count
from typing import Any

from stdnum.cn import uscc

from applicants.domain import accounts, parties
from applicants.domain.errors import NotAllowed
from applicants.models import City, District, Document, Party, User
from incentives.domain.programmes import rules_of
from incentives.models import Award, Bureau, Programme
from incentives.policy.programme import Programme as Rules
from reviews.demo import walk
from reviews.domain import interests
from reviews.models import Application, StaffRole
from reviews.models.staff import Role

_serial = count(1)
PASSWORD = "a long test passphrase"


def qingdao() -> City:
    return City.objects.get(pk="qingdao")


def bureau(code: str, city: str = "qingdao") -> Bureau:
    return Bureau.objects.get(city=city, code=code)


def programme(code: str) -> Programme:
    return Programme.objects.get(code=code)


def make_user(name: str = "", **fields: Any) -> User:
    number = next(_serial)
    return User.objects.create_user(
        f"{name or 'user'}{number}@example.test", PASSWORD, name=name or f"user {number}", **fields
    )


def make_staff(role: Role, bureau_code: str | None = None, city: str = "qingdao") -> User:
    user = make_user(f"{bureau_code or 'city'}-{role}", is_staff=True)
    give_role(user, role, bureau_code, city)
    return user


def give_role(
    user: User, role: Role, bureau_code: str | None = None, city: str = "qingdao"
) -> StaffRole:
    held_at = bureau(bureau_code, city) if bureau_code else None
    return StaffRole.objects.create(user=user, city_id=city, role=role, bureau=held_at)


def valid_uscc() -> str:
    body = f"9137020{next(_serial):010d}"
    return body + uscc.calc_check_digit(body)


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
    party = parties.register_person(user=user, name="测试人员", id_number=walk.identity())
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
    return walk.paper(party, user, name)


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
            self.staff[bureau_code, role] = make_staff(role, bureau_code, self.programme.city_id)
        return self.free(self.staff[bureau_code, role])

    def free(self, user: User) -> User:
        """The person, who has declared to have no interest in any case of the cast's party."""
        own = Application.objects.filter(applicant=self.party, number__isnull=False)
        for case in own.exclude(declarations__user=user).values_list("pk", flat=True):
            with suppress(NotAllowed):  # not of the person's bureau, or not open to the person
                interests.declare(case_id=case, user=user, conflict=False)
        return user

    @property
    def handling(self) -> str:
        return self.programme.handling_bureau.code


def rules(cast: Cast) -> Rules:
    return rules_of(cast.programme.current)


def draft(cast: Cast, facts: Mapping[str, Any] | None = None) -> Application:
    facts = walk.example_facts(cast.programme)[0] if facts is None else facts
    return walk.draft(party=cast.party, programme=cast.programme, clerk=cast.clerk, facts=facts)


def submitted(cast: Cast, facts: Mapping[str, Any] | None = None) -> Application:
    case = draft(cast, facts)
    walk.submit(case, cast.clerk)
    return fresh(case)


def accepted(cast: Cast, facts: Mapping[str, Any] | None = None) -> Application:
    case = submitted(cast, facts)
    walk.accept(case, cast.of)
    return fresh(case)


def reviewed(cast: Cast, facts: Mapping[str, Any] | None = None) -> Application:
    """Accepted, every opinion given, every fact confirmed as declared."""
    case = accepted(cast, facts)
    walk.give_opinions(case, cast.of)
    walk.confirm_facts(case, cast.of)
    return fresh(case)


def proposed(
    cast: Cast,
    facts: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Application:
    case = reviewed(cast, facts)
    chosen = walk.example_facts(cast.programme)[1] if choices is None else choices
    walk.propose(case, cast.of, chosen)
    return fresh(case)


def determined(
    cast: Cast,
    facts: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Application:
    case = proposed(cast, facts, choices)
    walk.approve(case, cast.of)
    return fresh(case)


def checked(
    cast: Cast,
    facts: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Application:
    case = determined(cast, facts, choices)
    walk.check(case, cast.of)
    return fresh(case)


def published(
    cast: Cast,
    facts: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Application:
    case = checked(cast, facts, choices)
    walk.publish(case, cast.of)
    return fresh(case)


def fresh(case: Application) -> Application:
    case.refresh_from_db()
    return case


def award_of(case: Application) -> Award:
    return Award.objects.get(case_number=case.number)


def decide_award(cast: Cast, case: Application) -> Award:
    """Only after publicity: travel past its end first."""
    return walk.award(case, cast.of)


def publicity_end(case: Application) -> date:
    return case.publicityitem_set.latest("id").notice.ends_on
