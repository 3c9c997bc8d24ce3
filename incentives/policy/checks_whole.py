"""A programme as a whole: unique names, bureaus, roles, caps, events, settings in use."""

from decimal import Decimal
from typing import TYPE_CHECKING

from .caps import Cap
from .checks import Checker, CheckFailed
from .checks_examples import check_examples
from .checks_parts import check_part
from .checks_terms import check_day, check_limit, check_terms
from .nodes import ByTable, NodeBase
from .outcomes import check_outcome
from .positions import Ref
from .scalars import DIGITS
from .text import Loc, text
from .walk import Place, chooses, walk

if TYPE_CHECKING:
    from .programme import Programme

ROLES = ("subject", "applicant", "payee")
RESERVED = {*ROLES, "applicant_kind", "approval", "recognitions", "on"}
KEYED = {"choice", "text", "identifier", "integer", "year", "date", "boolean"}


def check(programme: "Programme") -> None:
    """Raise CheckFailed with every fault found."""
    checker, place = Checker(programme), Place((), programme.scope)
    for part, there in walk(programme, place):
        check_part(part, there, checker)
    check_names(checker)
    check_bureaus(checker)
    check_roles(checker, place)
    check_outcome(checker, place)
    for index, cap in enumerate(programme.caps):
        check_cap(cap, checker, place.at("caps", index))
    check_events(checker, place)
    check_terms(checker, place, check_key)
    check_settings(checker)
    check_examples(checker)
    if checker.faults:
        raise CheckFailed(checker.faults)


def check_names(checker: Checker) -> None:
    programme = checker.programme
    amount = list(walk(programme.amount, Place(("amount",), programme.scope)))
    nodes = [(part, place.loc) for part, place in amount if isinstance(part, NodeBase)]
    choices = [(name, loc) for node, loc in nodes if (name := chooses(node)) is not None]
    checker.unique(choices, "选择项", "choice")
    checker.unique([(n.id, loc) for n, loc in nodes if n.id], "金额编号", "amount id")
    caps: list[tuple[str, Loc]] = [(c.id, ("caps", i)) for i, c in enumerate(programme.caps)]
    checker.unique(caps, "上限编号", "cap id")
    tests: list[tuple[str, Loc]] = [
        (c.id, ("conditions", i)) for i, c in enumerate(programme.conditions) if c.id
    ]
    checker.unique(tests, "条件编号", "condition id")
    check_reserved(checker)
    for name in programme.parameters.keys() & programme.assumptions.keys():
        checker.unique([(name, ("parameters", name)), (name, ("assumptions", name))], "名", "name")


def check_reserved(checker: Checker) -> None:
    programme = checker.programme
    named = [("facts", name) for name in programme.facts]
    named += [("derived", name) for name in programme.derived]
    for part, name in named:
        if name in RESERVED:
            checker.fault(
                (part, name),
                text(f"“{name}”是保留名", f"'{name}' is a reserved name"),
                text("请为该事实另取名", "give the fact another name"),
            )
    for name in programme.facts.keys() & programme.derived.keys():
        checker.unique([(name, ("facts", name)), (name, ("derived", name))], "名", "name")


def check_bureaus(checker: Checker) -> None:
    bureaus = checker.programme.bureaus
    grouped = tuple(code for group in bureaus.groups for code in group)
    if bureaus.groups and grouped != bureaus.printed:
        checker.fault(
            ("bureaus", "groups"),
            text("groups 与 printed 不一致", "the groups are not the printed list"),
            text("请按印出的顺序恰好分组", "split exactly the printed list, in its order"),
        )
    asked = {*bureaus.printed, *(bureaus.opinions or ())}
    for code in bureaus.parts.keys() - asked:
        known = ", ".join(sorted(asked)) or "-"
        checker.fault(
            ("bureaus", "parts", code),
            text(f"“{code}”不出具意见", f"'{code}' gives no opinion"),
            text(f"请写以下之一：{known}", f"write one of: {known}"),
        )


def check_roles(checker: Checker, place: Place) -> None:
    roles, there = checker.programme.roles, place.at("roles")
    if roles.subject is not None:
        checker.fact(roles.subject, there.at("subject"), {"identifier", "text"})
    if roles.members is not None:
        checker.fact(roles.members, there.at("members"), {"roster"})
    if (roles.payee == "members") != (roles.members is not None):
        checker.fault(
            there.at("payee").loc,
            text("payee: members 须与 members 同时写", "payee: members and `members` go together"),
            text("请写 members: 名单事实", "write members: the roster fact listing the payees"),
        )


def check_key(name: str, checker: Checker, place: Place) -> None:
    """A cap or an event is counted on a role or on a fact with one value."""
    if name == "subject" and checker.programme.roles.subject is None:
        checker.fault(
            place.loc,
            text("该政策事项没有 subject", "the programme has no subject"),
            text("请在 roles 中写 subject: 事实", "write roles.subject: the fact naming it"),
        )
    elif name not in ROLES:
        checker.fact(name, place, KEYED)
        check_day(checker.programme.derived.get(name), checker, place)


def check_cap(cap: Cap, checker: Checker, place: Place) -> None:
    for limit in limits(cap, checker):
        if cap.unit != "yuan" and (limit < 1 or limit != int(limit)):
            checker.fault(
                place.at("limit").loc,
                text(f"{limit} 不是次数", f"{limit} is no count of {cap.unit}"),
                text("请写 1 或更大的整数", "write a whole number from 1"),
            )
    check_limit(cap, checker, place)
    check_day(cap.when, checker, place.at("when"))
    for per in key_lists(cap, checker) if cap.unit != "rows" else []:
        for index, name in enumerate(per):
            check_key(name, checker, place.at("per", index))
    for fact in readings(cap.year_of, checker):
        if fact != "approval":
            checker.fact(fact, place.at("year_of"), {"year"})


def limits(cap: Cap, checker: Checker) -> list[Decimal]:
    """Every number the limit can be, settings that are not set yet left out."""
    written = cap.limit
    if isinstance(written, ByTable):
        table = {} if isinstance(written.table, Ref) else written.table
        return [value for value in table.values() if isinstance(value, Decimal)]
    if isinstance(written, NodeBase):
        return []
    if isinstance(written, Decimal):
        return [written]
    if (parameter := checker.programme.parameters.get(written.name)) is not None:
        return [Decimal(parameter.read)] if isinstance(parameter.read, int | Decimal) else []
    return [Decimal(r) for r in readings(written, checker) if DIGITS.fullmatch(r)]


def key_lists(cap: Cap, checker: Checker) -> list[tuple[str, ...]]:
    if not isinstance(cap.per, Ref):
        return [cap.per]
    assumption = checker.programme.assumptions.get(cap.per.name)
    listed = assumption.readings if assumption is not None else ()
    return [reading for reading in listed if isinstance(reading, tuple)]


def readings(value: str | Ref, checker: Checker) -> list[str]:
    if isinstance(value, str):
        return [value]
    assumption = checker.programme.assumptions.get(value.name)
    return [str(reading) for reading in assumption.readings] if assumption else []


def check_events(checker: Checker, place: Place) -> None:
    for index, event in enumerate(checker.programme.same_event):
        check_day(event.when, checker, place.at("same_event", index, "when"))
        for at, name in enumerate(event.instance):
            check_key(name, checker, place.at("same_event", index, "instance", at))


def check_settings(checker: Checker) -> None:
    for name in checker.programme.parameters.keys() - checker.used:
        checker.fault(
            ("parameters", name),
            text(f"参数“{name}”没有被引用", f"nothing refers to parameter '{name}'"),
            text(
                f"请在所用之处写 '@{name}'，或删去", f"write '@{name}' where it counts, or drop it"
            ),
        )
