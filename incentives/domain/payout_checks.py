"""What is looked at before money leaves: accounts, control totals, the bank's answers."""

from collections.abc import Mapping, Sequence

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import BankAccount
from incentives.models import Instalment, PayoutBatch, PayoutLine
from incentives.models.payout import LineState

LIVING = (LineState.PENDING, LineState.PAID)
Result = tuple[str, str]


def accounts_of(
    instalments: Sequence[Instalment], named: Mapping[int, BankAccount]
) -> dict[int, BankAccount]:
    """By instalment: the account that was named for it, else its payee's current one.

    A named account to which a payment came back counts no more. A payee that has ended is paid
    through its successor's account, never its own. Raises Refused naming the payees without any.
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
    without = {row.payee_id: row.payee.name for row in instalments if row.pk not in found}
    if without:
        message = _("No bank account in use: %(payees)s.") % {"payees": "、".join(without.values())}
        raise Refused({"instalments": message})
    return {row.pk: found[row.pk] for row in instalments}


def refuse_shared_accounts(
    instalments: Sequence[Instalment], accounts: Mapping[int, BankAccount]
) -> None:
    """One account for two payees, here or in what was paid before, is looked into, not paid."""
    holders: dict[str, dict[int, str]] = {}
    for row in instalments:
        account = accounts[row.pk]
        holder = row.payee if account.party_id == row.payee_id else account.party
        holders.setdefault(account.number_hmac, {})[holder.pk] = holder.name
    paid = PayoutLine.objects.filter(account__number_hmac__in=holders, state__in=LIVING)
    for hmac, payee, name in paid.values_list("account__number_hmac", "payee_id", "payee__name"):
        holders[hmac][payee] = name
    shared = ["、".join(payees.values()) for payees in holders.values() if len(payees) > 1]
    if shared:
        message = _("Different payees have the same account number: %(payees)s.")
        raise Refused({"instalments": message % {"payees": "；".join(shared)}})


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
