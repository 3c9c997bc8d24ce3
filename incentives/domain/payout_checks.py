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


def accounts_of(instalments: Sequence[Instalment]) -> dict[int, BankAccount]:
    payees = {instalment.payee_id: instalment.payee for instalment in instalments}
    rows = BankAccount.objects.filter(party__in=payees, is_current=True)
    accounts = {account.party_id: account for account in rows}
    without = [party.name for pk, party in payees.items() if pk not in accounts]
    if without:
        raise Refused(
            {
                "instalments": _("No bank account in use: %(payees)s.")
                % {"payees": "、".join(without)}
            }
        )
    return {pk: accounts[pk] for pk in payees}


def refuse_shared_accounts(
    instalments: Sequence[Instalment], accounts: Mapping[int, BankAccount]
) -> None:
    """One account for two payees, here or in what was paid before, is looked into, not paid."""
    names = {instalment.payee_id: instalment.payee.name for instalment in instalments}
    holders: dict[str, dict[int, str]] = {}
    for payee, account in accounts.items():
        holders.setdefault(account.number_hmac, {})[payee] = names[payee]
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


def refuse_replaced_accounts(batch: PayoutBatch) -> None:
    replaced = batch.lines.filter(account__is_current=False).values_list("payee__name", flat=True)
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
