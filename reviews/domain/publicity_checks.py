"""What is looked at before a list is made public: its sums, and what looks like a mistake.

An error keeps the list back; a doubt goes through with a written reason. The number of queries
does not grow with the list.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import BankAccount, User
from incentives.domain.holds import open_holds
from incentives.models import Award, Programme
from reviews.domain import working_days
from reviews.domain.assessing import rules
from reviews.domain.queries import cases_for_staff
from reviews.models import Application, Determination, PayeeShare, PublicityItem
from reviews.models.determination import DeterminationState

BESIDE = ("city", "programme", "version", "applicant", "handling_bureau")
SAYS: dict[str, str | Promise] = {
    "unchecked": _("Finance has not checked this case."),
    "twice": _("The applicant is on the list twice under one programme."),
    "subject": _("Different applicants claim for the same subject."),
    "account": _("Different payees name the same bank account."),
    "running": _("The case stands on a notice that still runs."),
    "held": _("The payment is held until somebody has looked."),
}
ERRORS = frozenset({"unchecked"})


@dataclass(frozen=True)
class Finding:
    """Something about a case of the list; `others` are the numbers it concerns beside it."""

    kind: str
    case: Application
    others: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.kind in ERRORS

    @property
    def says(self) -> str:
        return str(SAYS[self.kind])


@dataclass(frozen=True)
class ProgrammeTotal:
    programme: Programme
    count: int
    total: Decimal  # yuan


@dataclass(frozen=True)
class CheckedList:
    """Count and sum (yuan) of a list, by programme as well, and what was found."""

    count: int
    total: Decimal
    programmes: list[ProgrammeTotal]
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.is_error]

    @property
    def doubts(self) -> list[Finding]:
        return [one for one in self.findings if not one.is_error]


def check_list(*, case_ids: Iterable[int], user: User) -> CheckedList:
    """Of those cases that the person may see; nothing is changed or locked."""
    cases = cases_for_staff(user).filter(pk__in=list(case_ids)).select_related(*BESIDE)
    return look(list(cases.order_by("id")))


def look(cases: Sequence[Application]) -> CheckedList:
    held = _awards(cases)
    amounts = {case.pk: held[case.pk].amount if case.pk in held else Decimal(0) for case in cases}
    lines = [(case.programme, amounts[case.pk]) for case in cases]
    findings = [one for look_for in LOOKS for one in look_for(cases)]
    findings += _held(cases, held)
    return CheckedList(len(cases), sum(amounts.values(), Decimal(0)), totals(lines), findings)


def totals(lines: Iterable[tuple[Programme, Decimal]]) -> list[ProgrammeTotal]:
    """By programme, in the order of the list."""
    found: dict[Programme, list[Decimal]] = {}
    for programme, amount in lines:
        found.setdefault(programme, []).append(amount)
    return [ProgrammeTotal(one, len(sums), sum(sums, Decimal(0))) for one, sums in found.items()]


def _awards(cases: Sequence[Application]) -> dict[int, Award]:
    keys = {case.number: case.pk for case in cases}
    rows = Award.objects.filter(case_number__in=list(keys), state="reserved")
    return {keys[award.case_number]: award for award in rows}


def _living(cases: Sequence[Application]) -> dict[int, Determination]:
    found = Determination.objects.filter(application__in=cases, state=DeterminationState.APPROVED)
    return {one.application_id: one for one in found}


def _unchecked(cases: Sequence[Application]) -> Iterator[Finding]:
    living = _living(cases)
    for case in cases:
        found = living.get(case.pk)
        if rules(case).outcome.pays and (found is None or found.checked_by_id is None):
            yield Finding("unchecked", case)


def _twice(cases: Sequence[Application]) -> Iterator[Finding]:
    groups = _grouped(((case.applicant_id, case.programme_id), case) for case in cases)
    yield from _each("twice", groups)


def _subjects(cases: Sequence[Application]) -> Iterator[Finding]:
    living = _living(cases)
    keyed = []
    for case in cases:
        key, found = rules(case).roles.subject, living.get(case.pk)
        if key and found and found.facts.get(key) not in (None, ""):
            keyed.append(((key, str(found.facts[key])), case))
    groups = _grouped(keyed)
    apart = {key: of for key, of in groups.items() if len({c.applicant_id for c in of}) > 1}
    yield from _each("subject", apart)


def _accounts(cases: Sequence[Application]) -> Iterator[Finding]:
    """By the keyed digest of the number: the applicants' own accounts and those of their teams."""
    by_key = {case.pk: case for case in cases}
    own = BankAccount.objects.in_bulk([c.account_id for c in cases if c.account_id])
    named = [(own[c.account_id].number_hmac, c.applicant_id, c) for c in cases if c.account_id]
    shares = PayeeShare.objects.filter(application__in=cases).select_related("account")
    named += [(s.account.number_hmac, s.party_id, by_key[s.application_id]) for s in shares]
    payees: dict[str, set[int]] = defaultdict(set)
    for number, payee, _case in named:
        payees[number].add(payee)
    shared = [(number, case) for number, _payee, case in named if len(payees[number]) > 1]
    yield from _each("account", _grouped(shared))


def _running(cases: Sequence[Application]) -> Iterator[Finding]:
    items = PublicityItem.objects.filter(application__in=cases).select_related("notice")
    by_key, today = {case.pk: case for case in cases}, working_days.today()
    for item in items.order_by("id"):
        if not item.notice.has_ended(today):
            yield Finding("running", by_key[item.application_id], (item.notice.number,))


def _held(cases: Sequence[Application], awards: Mapping[int, Award]) -> list[Finding]:
    rows = open_holds().filter(award__in=[award.pk for award in awards.values()])
    held = set(rows.values_list("award", flat=True))
    return [Finding("held", c) for c in cases if c.pk in awards and awards[c.pk].pk in held]


def _grouped(keyed: Iterable[tuple[Any, Application]]) -> dict[Any, list[Application]]:
    found: dict[Any, list[Application]] = {}
    for key, case in keyed:
        found.setdefault(key, []).append(case)
    return found


def _each(kind: str, groups: Mapping[Any, list[Application]]) -> Iterator[Finding]:
    """One finding for each case of a group that is not alone in it, naming the others."""
    for of in groups.values():
        distinct = list({case.pk: case for case in of}.values())
        for case in distinct:
            others = tuple(str(one.number) for one in distinct if one.pk != case.pk)
            if others or len(of) > len(distinct):
                yield Finding(kind, case, others)


Look = Callable[[Sequence[Application]], Iterator[Finding]]
LOOKS: tuple[Look, ...] = (_unchecked, _twice, _subjects, _accounts, _running)
