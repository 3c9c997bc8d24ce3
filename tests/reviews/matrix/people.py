"""One person of every kind that could stand before a case."""

from applicants.domain import members
from applicants.models import User
from incentives.models import Bureau
from reviews.domain import interests
from reviews.models import Application, StaffRole
from reviews.models.staff import Role
from tests.factories import Cast, bureau, give_role, make_staff, make_user

HANDLING = "sti"
ASKED = ("miit", "finance")
BUREAU = (Role.PREPARER, Role.APPROVER, Role.LEADER)
CITY = (
    Role.POLICY_EDITOR,
    Role.AUDITOR,
    Role.WINDOW,
    Role.COORDINATOR,
    Role.SYSTEM,
    Role.SECURITY,
)
OUTSIDERS = (
    "another bureau",
    "another city",
    *(role.value for role in CITY),
    "role ended",
    "superuser",
    "somebody",
)
"""Whoever has no part in the case as a reviewer or for the applicant."""


def everybody(cast: Cast) -> dict[str, User]:
    found = {
        f"{code} {role}": cast.of(code, role) for code in (HANDLING, *ASKED) for role in BUREAU
    }
    for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
        found[role.value] = cast.of("finance", role)
    found |= {role.value: make_staff(role) for role in CITY}
    found["another bureau"] = with_roles(make_user(is_staff=True), "education")
    found["another city"] = of_another_city()
    found["all roles"] = with_roles(make_user(is_staff=True), HANDLING, *ASKED)
    found["proposer with all roles"] = with_roles(cast.of(HANDLING, Role.PREPARER), *ASKED)
    found["undeclared"] = make_staff(Role.PREPARER, HANDLING)
    found["in conflict"] = make_staff(Role.PREPARER, HANDLING)
    found["applicant"] = clerk_of(cast)
    found["member on the staff"] = with_roles(clerk_of(cast), HANDLING, *ASKED)
    found["role ended"] = make_staff(Role.PREPARER, HANDLING)
    found["role ended"].staffrole_set.update(is_active=False)
    found["superuser"] = make_user(is_staff=True, is_superuser=True)
    found["somebody"] = make_user()
    return found


def clerk_of(cast: Cast) -> User:
    clerk = make_user()
    members.add_member(party=cast.party, email=clerk.email, role="clerk", user=cast.clerk)
    return clerk


def of_another_city() -> User:
    user = make_user(is_staff=True)
    there = Bureau.objects.get(city="dalian", code="finance")
    for role in (*BUREAU, Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
        StaffRole.objects.create(user=user, city_id="dalian", bureau=there, role=role)
    return user


def with_roles(user: User, *codes: str) -> User:
    """Every role of these bureaus; of finance too, where it is among them."""
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    for code in codes:
        for role in BUREAU:
            if not user.staffrole_set.filter(role=role, bureau=bureau(code)).exists():
                give_role(user, role, code)
    if "finance" in codes:
        give_role(user, Role.FINANCE_PREPARER, "finance")
        give_role(user, Role.FINANCE_APPROVER, "finance")
    return user


def declare(cast: Cast, people: dict[str, User], case: Application) -> None:
    """Whoever sees the case has declared, but for the undeclared and the one in conflict."""
    for who, user in people.items():
        if who == "in conflict" and case.number:
            interests.declare(case_id=case.pk, user=user, conflict=True, reason="亲属任职")
        elif who not in ("undeclared", "in conflict"):
            cast.free(user)
