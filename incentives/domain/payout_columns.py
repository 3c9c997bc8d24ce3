"""What a column of a payout file may show, by the name that a format knows it by."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applicants.domain.accounts import ACCOUNT_PURPOSE
from applicants.domain.crypto import decrypt
from applicants.models import BankAccount
from incentives.domain.exports import Cell
from incentives.models import PayoutBatch, PayoutLine


class Source(NamedTuple):
    """`total` is what stands in the row of control totals."""

    of: Callable[[PayoutLine], Cell]
    total: Callable[[PayoutBatch, list[PayoutLine]], Cell] = lambda _batch, _lines: None
    money: bool = False


def account_number(account: BankAccount) -> str:
    """In full: for payout files alone."""
    return decrypt(account.number_encrypted, purpose=ACCOUNT_PURPOSE).decode()


def _money(name: str) -> Source:
    def added(_batch: PayoutBatch, lines: list[PayoutLine]) -> Cell:
        return sum((getattr(line, name) for line in lines), Decimal(0))

    return Source(lambda line: getattr(line, name), added, money=True)


def _lines(_batch: PayoutBatch, lines: list[PayoutLine]) -> Cell:
    count = len(lines)
    return ngettext("%(count)s line", "%(count)s lines", count) % {"count": count}


def _purpose(line: PayoutLine) -> str:
    award = line.instalment.award
    return f"{award.verb} {award.programme.title}"


SOURCES: Mapping[str, Source] = {
    "line": Source(lambda line: line.number, lambda _batch, _lines: _("Total")),
    "payee": Source(lambda line: line.payee.name, _lines),
    "payee_code": Source(lambda line: line.payee.uscc or ""),
    "holder": Source(lambda line: line.account.holder),
    "bank": Source(lambda line: line.account.bank),
    "bank_code": Source(lambda line: line.account.bank_code),
    "account": Source(lambda line: account_number(line.account)),
    "amount": _money("amount"),
    "withheld": _money("withheld"),
    "netted": _money("netted"),
    "pays": _money("pays"),
    "purpose": Source(_purpose),
    "case_number": Source(
        lambda line: line.instalment.award.case_number, lambda batch, _lines: batch.number
    ),
    "batch": Source(lambda line: line.batch.number),
    "district": Source(lambda line: line.batch.district.name if line.batch.district else ""),
    "funding_source": Source(lambda line: line.funding_source),
    "subject_code": Source(lambda line: line.subject_code),
}


def columns_shown(columns: list[dict[str, Any]], lines: list[PayoutLine]) -> list[dict[str, Any]]:
    """Without those that a format shows only `where_set`, when no line has anything there."""
    return [
        column
        for column in columns
        if not column.get("where_set")
        or any(SOURCES[name].of(line) for name in column["where_set"] for line in lines)
    ]
