"""Rows of lists that open the books: awards of earlier years, and what caps had used before.

Each row is looked through with the rules of its programme: which counters it would have taken from,
and what is lacking to name them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.domain.crypto import fingerprint
from applicants.domain.identifiers import plain as plain_code
from applicants.domain.identifiers import read_identity_number
from applicants.domain.parties import IDENTITY_PURPOSE
from applicants.models import Party
from incentives.domain.counters import CounterRequest, counter_requests, tally_requests
from incentives.domain.opening_programmes import Counting
from incentives.domain.registry_keys import registry_keys
from incentives.domain.registry_words import Said, bad_value, refusal_of, said
from incentives.models.registry import ImportKind
from incentives.policy.facts import read_fact
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import RosterFact
from incentives.policy.scalars import day, money
from incentives.policy.text import BadValue, InputError

Values = dict[str, Any]
Problems = dict[str, Said]
MASK = "**************"
MOST = Decimal(10) ** 13
NO_YEAR = 0  # of what counts by no year of approval


@dataclass(frozen=True)
class Looked:
    """What is wrong with a row, by column; where nothing is, the counters that limit it."""

    problems: Problems
    keys: frozenset[str] | None = None


def check_award(counting: Counting | None, party: Party | None, values: Values) -> Looked:
    """Of an award of an earlier year; its figures are put in form."""
    problems = _common(counting, values)
    if not values.get("number"):
        problems["number"] = said(_("Write the number of the case or document it stands in."))
    on = _approved_on(values, problems)
    amount = _figure("amount", values, problems)
    if counting and counting.rules.outcome.pays is False:
        problems["programme"] = said(_("This programme pays nothing; bring its entries as a list."))
    if counting and party and on and amount and not problems:
        return _named(counting, lambda: _limiting(counting, party, values))
    return Looked(problems)


def check_balance(counting: Counting | None, party: Party | None, values: Values) -> Looked:
    """The same for the opening balance of one cap, same-event group or tally."""
    problems = _common(counting, values)
    _year(counting, values, problems)
    used = _figure("amount", values, problems)
    if counting and values.get("cap", "") not in counting.names:
        problems["cap"] = said(
            _("Nothing is counted under “%(cap)s” here; write one of: %(caps)s."),
            cap=values.get("cap", ""),
            caps=", ".join(counting.names) or "—",
        )
    if counting and used and not problems:
        return _named(counting, lambda: [balance_counter(counting, party, values)])
    return Looked(problems)


def award_counters(
    counting: Counting, party: Party, values: Mapping[str, Any]
) -> list[CounterRequest]:
    """What an ordinary award of this kind would have counted. Raises InputError for what lacks."""
    in_force = _limiting(counting, party, values)
    told = _told(counting, party, values)
    return in_force + tally_requests(counting.rules, in_force=in_force, **told)


def award_keys(
    counting: Counting, party: Party, values: Mapping[str, Any]
) -> frozenset[str] | None:
    """The counters that limit an award; None where these rules ask more than its row tells."""
    return _named(counting, lambda: _limiting(counting, party, values)).keys


def _limiting(counting: Counting, party: Party, values: Mapping[str, Any]) -> list[CounterRequest]:
    return counter_requests(counting.rules, **_told(counting, party, values))


def _told(counting: Counting, party: Party, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "facts": _facts(counting.rules, values),
        "roles": _roles(counting.rules, party),
        "settings": counting.settings,
        "approval_year": date.fromisoformat(values["on"]).year,
        "entitled": Decimal(values["amount"]),
        "rows": None,
    }


def balance_counter(
    counting: Counting, party: Party | None, values: Mapping[str, Any]
) -> CounterRequest:
    """The one counter that the row names, whether or not its condition would hold."""
    rules, name = counting.rules, values["cap"]
    alone = rules.model_copy(
        update={
            "caps": [_always(cap) for cap in rules.caps if cap.id == name],
            "same_event": [_always(one) for one in rules.same_event if one.group == name],
            "tallies": {key: tally for key, tally in rules.tallies.items() if key == name},
        }
    )
    return counter_requests(
        alone,
        facts=_facts(rules, values),
        roles=_roles(rules, party),
        settings=counting.settings,
        approval_year=int(values.get("year") or NO_YEAR),
        entitled=Decimal(values["amount"]),
    )[0]


def _always(part: Any) -> Any:
    return part.model_copy(update={"when": None})


def _facts(rules: Rules, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that fit into a column; a roster does not."""
    kept, read = values.get("facts", {}), {}
    for key, name in registry_keys(rules).items():
        fact = rules.facts[key]
        if kept.get(name) and not isinstance(fact, RosterFact):
            read[key] = read_fact(fact, kept[name])
    return read


def _roles(rules: Rules, party: Party | None) -> dict[str, str]:
    """Whoever goes on for a party that has ended has its history."""
    if party is None:
        return {}
    standing = str(party.successor_id or party.pk)
    payee = {} if rules.roles.payee == "members" else {"payee": standing}
    return {"applicant": standing} | payee


def _named(counting: Counting, name: Callable[[], list[CounterRequest]]) -> Looked:
    """The counters' keys, or what stands in the way of them, by the column that would tell it."""
    columns = registry_keys(counting.rules)
    try:
        return Looked({}, frozenset(one.key for one in name()))
    except InputError as error:
        found: Problems = {}
        for problem in error.problems:
            key = problem.field.rpartition(".")[2]
            found[_column(problem.field, columns.get(key, key))] = {
                "zh": f"{problem.problem.zh}：{problem.expected.zh}",
                "en": f"{problem.problem.en}: {problem.expected.en}",
            }
        return Looked(found)


def _column(field: str, key: str) -> str:
    kind = field.partition(".")[0]
    return {"facts": key, "roles": "uscc"}.get(kind, "programme")


def _common(counting: Counting | None, values: Values) -> Problems:
    if counting is None:
        told = _("“%(programme)s” is no programme of the city; write its code.")
        return {"programme": said(told, programme=values.get("programme", ""))}
    return {}


def _approved_on(values: Values, problems: Problems) -> date | None:
    try:
        found = day(values.get("on", ""))
    except BadValue as bad:
        problems["on"] = bad_value(bad)
        return None
    if found > timezone.localdate():
        problems["on"] = said(_("Write the day of approval, at most today."))
        return None
    values["on"] = found.isoformat()
    return found


def _year(counting: Counting | None, values: Values, problems: Problems) -> None:
    written = values.get("year", "")
    if written and not (written.isdecimal() and 1990 <= int(written) <= timezone.localdate().year):
        problems["year"] = said(_("Write the year it counts in, such as 2021, or leave it empty."))
    elif counting and not written and counting.by_year_of_approval(values.get("cap", "")):
        problems["year"] = said(_("Write the year it counts in, such as 2021: this counts yearly."))


def _figure(key: str, values: Values, problems: Problems) -> Decimal | None:
    try:
        found = money(values.get(key, ""))
    except BadValue as bad:
        problems[key] = bad_value(bad)
        return None
    if not 0 < found < MOST:
        problems[key] = said(_("Write a figure above 0, such as 250000.00."))
        return None
    values[key] = f"{found:.2f}"
    return found


def mask_identity(values: Values) -> Said | None:
    """Keep an identity number as its fingerprint alone; what is wrong with it, if anything."""
    written = plain_code(values.get("identity", ""))
    if not written or values.get("identity_hmac"):
        return None
    values["identity"] = MASK + written[-4:]
    if wrong := refusal_of(read_identity_number, written):
        return wrong
    values["identity_hmac"] = fingerprint(read_identity_number(written), purpose=IDENTITY_PURPOSE)
    return None


CHECKS = {ImportKind.AWARDS: check_award, ImportKind.BALANCES: check_balance}
