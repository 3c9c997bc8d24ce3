"""docs/roles.md: who may do what, written from the table that the tests try."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

from reviews.models.staff import ALONE, CONFIRMED, Role
from tests.reviews.matrix.money import VERBS as MONEY
from tests.reviews.matrix.scene import Scene
from tests.reviews.matrix.stages import STAGES
from tests.reviews.matrix.verbs import VERBS

PAGE = Path(__file__).parents[3] / "docs" / "roles.md"
COLUMNS = {
    "handling bureau: preparer": "sti preparer",
    "approver": "sti approver",
    "leader": "sti leader",
    "bureau asked: preparer": "miit preparer",
    "approver ": "miit approver",
    "leader ": "miit leader",
    "finance preparer": "finance_preparer",
    "finance approver": "finance_approver",
    "auditor": "auditor",
    "applicant": "applicant",
}
NOTHING = (
    "policy_editor",
    "window",
    "coordinator",
    "system",
    "security",
    "another bureau",
    "another city",
    "role ended",
    "superuser",
)
HEAD = """# Who may do what

This page is written from the table that the tests try, state by state, person by person, through
the domain, the desk and the API (`tests/reviews/matrix`); a test fails when it is out of date. To
write it anew: `HUIQI_WRITE_DOCS=1 python -m pytest tests/reviews/matrix`.

## Roles

| role | holds it | with others | how it is given |
|---|---|---|---|
{roles}

A role is given by a security administrator of the city, never to oneself (constraint
`nobody_grants_to_oneself`). Roles that sign for money, or give others their roles, hold only once a
*second* security administrator has confirmed them (`signing_role_is_confirmed`,
`role_confirmed_by_another`). The three administrators stand apart (三权分立): a trigger refuses a
second role beside any of them (`administrators_apart`).

- **System administrator**: the calendar, endpoints, templates, names of accounts; no case, no role.
- **Security administrator**: brings staff in, gives and ends roles, moves them and sees them off,
  reviews sign-ins and lifts locks; no case, and nothing on the own account.
- **Auditor**: reads everything of the city, with what the other two did and who read which case,
  and changes nothing. An opinion in preparation is its bureau's alone until it is given.

## Staff come, move and leave

All of it on one page for the security administrator, *Staff* in the desk, through the verbs of
`reviews.domain.staffing`.

- **Join**: an account without a password, a first role, and an e-mailed link, valid once, by which
  the person sets the password. No password is ever known to anybody else or mailed.
- **Move**: the roles in the old bureau end now, the same are given in the new one (those that sign
  wait for their confirmation); work in hand goes to the colleague named or back to the bureau.
- **Leave**: roles, delegations, sessions and API tokens end; the next request is refused. Nothing
  is deleted. The account closes unless the person has a role in another city or acts for a party.
- **Sign out everywhere** and **lift a lock**, with the failed sign-ins beside it. An API token ends
  with a change of the password and after `API_TOKEN_DAYS`.

Whoever of the staff opens a case is written down, through whichever door (`CaseReading`); auditors
list and export it by person and by case.

A superuser may do nothing; `manage.py first_administrators` appoints the first administrators of a
city, and works only while it has fewer than two security administrators.

## Money

Tried by everybody too (`tests/reviews/matrix/money.py`). Nobody signs what they prepared, or what
concerns an organisation of their own; sharing a budget out pro rata and what is found of an
instalment are the handling bureau's.

{money}

## Steps of a case

A mark says that the step is open at that point. Everybody of the staff has declared to have no
interest beforehand; whoever has a conflict, or belongs to the applicant, may do nothing as staff.
Nobody approves what they prepared. The steps of bureaus that were asked are those of 市工信局 here.
In no table: {nothing}.
"""


def head() -> str:
    nothing = ", ".join(NOTHING).replace("_", " ")
    return HEAD.format(roles="\n".join(roles()), money=money(), nothing=nothing)


def roles() -> Iterator[str]:
    bureau = {Role.PREPARER, Role.APPROVER, Role.LEADER}
    finance = {Role.FINANCE_PREPARER, Role.FINANCE_APPROVER}
    for role in Role:
        place = (
            "a bureau" if role in bureau else "the finance bureau" if role in finance else "a city"
        )
        beside = "no other role" if role in ALONE else "any but administrators and auditor"
        given = "granted, then confirmed by a second" if role in CONFIRMED else "granted"
        yield f"| {role.value.replace('_', ' ')} | {place} | {beside} | {given} |"


def money() -> str:
    """A row a verb of money, a column a role of the city."""
    columns = ("finance_preparer", "finance_approver", "policy_editor")
    head = ["| step | " + " | ".join(columns).replace("_", " ") + " |", "|---|" + ":-:|" * 3]
    rows = ((verb.name, *("●" if who in verb.may else "" for who in columns)) for verb in MONEY)
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


def section(scene: Scene) -> str:
    """What is open at one stage; a row a step, a column a role."""
    rows = list(table(scene))
    return "\n".join(rows) if rows else "Nothing is open to anybody."


STEPS = [verb for verb in VERBS if verb.bureau in (None, "miit") and verb.name != "object"]


def table(scene: Scene) -> Iterator[str]:
    opened = [verb for verb in STEPS if scene.may(verb) & set(COLUMNS.values())]
    if opened:
        yield "| step | " + " | ".join(COLUMNS) + " |"
        yield "|---|" + ":-:|" * len(COLUMNS)
    for verb in opened:
        marks = ["●" if who in scene.may(verb) else "" for who in COLUMNS.values()]
        yield f"| {verb.name.replace('_', ' ')} | " + " | ".join(marks) + " |"


def read() -> tuple[str, dict[str, str]]:
    """The page as it is kept: what comes before the stages, and the section of each."""
    if not PAGE.exists():
        return "", {}
    first, *rest = PAGE.read_text(encoding="utf-8").split("\n### ")
    return first, {name: text.strip() for name, _gap, text in (one.partition("\n") for one in rest)}


def keep(sections: dict[str, str]) -> None:
    """Write some sections anew, and the head; of several processes one at a time."""
    with open(PAGE, "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = read()[1] | sections
        parts = [f"### {name}\n\n{found[name]}\n" for name in STAGES if name in found]
        PAGE.write_text("\n".join([head(), *parts]), encoding="utf-8")
