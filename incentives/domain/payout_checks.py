"""What is looked at before money leaves: accounts, control totals, the bank's answers."""

from collections.abc import Mapping, Sequence

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import BankAccount
from incentives.domain import suspicions
from incentives.models import Instalment, PayoutBatch, PayoutLine
from incentives.models.payout import HoldKind, LineState

LIVING = suspicions.LIVING
Result = tuple[str, str]


def accounts_of(
    instalments: Sequence[Instalment], named: Mapping[int, BankAccount]
) -> dict[int, BankAccount]:
    """`accounts_found`; raises Refused naming the payees without any."""
    found = accounts_found(instalments, named)
    without = {row.payee_id: row.payee.name for row in instalments if row.pk not in found}
    if without:
        message = _("No bank account in use: %(payees)s.") % {"payees": "、".join(without.values())}
        raise Refused({"instalments": message})
    return found


def accounts_found(
    instalments: Sequence[Instalment], named: Mapping[int, BankAccount]
) -> dict[int, BankAccount]:
    """By instalment: the account that was named for it, else its payee's current one.

    A named account to which a payment came back counts no more. A payee that has ended is paid
    through its successor's account, never its own.
    """
    came_back = set(
        PayoutLine.objects.filter(account__in=named.values(), state=LineState.RETURNED).values_list(
            "account_id", flat=True
        )
    )
    payees = {row.pk: row.payee.successor_id or row.payee_id for row in instalments}
    rows = BankAccount.objects.filter(party__in=set(payees.values()), is_current=True)
    current = {account.party_id: account for account in rows.select_related("party")}
    found = {pk: current[payee] for pk, payee in payees.items() if payee in current}
    found |= {
        pk: account
        for pk, account in named.items()
        if account.pk not in came_back and account.party_id == payees.get(pk)
    }
    return {row.pk: found[row.pk] for row in instalments if row.pk in found}


def refuse_shared_accounts(
    instalments: Sequence[Instalment], accounts: Mapping[int, BankAccount]
) -> None:
    """One account for two payees is looked into, not paid, until somebody has said why."""
    shared = suspicions.shared_accounts(instalments, accounts)
    unseen = suspicions.unseen(HoldKind.DUPLICATE, instalments, accounts, shared)
    if unseen:
        message = _("Different payees have the same account number: %(payees)s.")
        groups = dict.fromkeys(shared[row.pk] for row in unseen)
        raise Refused({"instalments": message % {"payees": "；".join(groups)}})


def refuse_unchecked_accounts(
    instalments: Sequence[Instalment],
    accounts: Mapping[int, BankAccount],
    checked: suspicions.Checked,
) -> None:
    """Another account than finance checked is paid once somebody has looked at it."""
    changed = suspicions.changed_accounts(instalments, accounts, checked)
    unseen = suspicions.unseen(HoldKind.CHANGED, instalments, accounts, changed)
    if unseen:
        message = _("The account is another than the one checked: %(payees)s.")
        names = dict.fromkeys(row.payee.name for row in unseen)
        raise Refused({"instalments": message % {"payees": "、".join(names)}})


def check_control_totals(batch: PayoutBatch) -> None:
    found = batch.lines.aggregate(count=Count("pk"), total=Sum("amount"))
    if (found["count"], found["total"]) != (batch.line_count, batch.total):
        raise Conflict(
            _("The lines add up to %(count)s lines, %(total)s yuan: not what the batch says.")
            % found
        )


def refuse_replaced_accounts(batch: PayoutBatch, named: Mapping[int, BankAccount]) -> None:
    lines = list(batch.lines.select_related("instalment__payee"))
    right = accounts_of([line.instalment for line in lines], named)
    replaced = [
        line.instalment.payee.name
        for line in lines
        if right[line.instalment_id].pk != line.account_id
    ]
    if replaced:
        raise Conflict(
            _("The account has changed since: %(payees)s. Cancel the batch and prepare it anew.")
            % {"payees": "、".join(replaced)}
        )


def answered(batch: PayoutBatch, results: Mapping[int, Result]) -> list[PayoutLine]:
    if not results:
        raise Refused({"lines": _("Enter the bank's answer to at least one line.")})
    lines = list(batch.lines.filter(pk__in=results).order_by("number"))
    if len(lines) != len(results):
        raise Refused({"lines": _("Some of these lines are not in batch %s.") % batch.number})
    for line in lines:
        _check_answer(line, *results[line.pk])
    return lines


def _check_answer(line: PayoutLine, result: str, note: str) -> None:
    name = {"number": line.number}
    if result not in (LineState.PAID, LineState.RETURNED):
        raise Refused({"lines": _("Line %(number)s: choose paid or returned.") % name})
    if result == LineState.RETURNED and not note.strip():
        raise Refused({"lines": _("Line %(number)s: state why the bank returned it.") % name})
    if len(note) > 200:
        raise Refused({"lines": _("Line %(number)s: a note has at most 200 characters.") % name})
