"""The file of a payout batch: what the bank is told to pay, line by line, with control totals."""

from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applicants.domain.accounts import ACCOUNT_PURPOSE
from applicants.domain.crypto import decrypt
from applicants.models import BankAccount
from incentives.domain.exports import Cell, Sheet, csv_bytes, xlsx_bytes
from incentives.models import PayoutBatch, PayoutLine


def contents(batch: PayoutBatch) -> dict[str, bytes]:
    """XLSX and CSV, always in the language of the installation: a bank reads one wording."""
    with translation.override(settings.LANGUAGE_CODE):
        headings, rows = _headings(), [_row(line) for line in _lines(batch)]
        table = [*rows, _control_totals(batch)]
        lines = Sheet(_("Payments"), headings, table, money=[_("Amount (yuan)")])
        about = Sheet(_("Batch"), [_("Item"), _("Content")], _about(batch))
        return {"xlsx": xlsx_bytes([lines, about]), "csv": csv_bytes(headings, table)}


def _lines(batch: PayoutBatch) -> list[PayoutLine]:
    related = ("payee", "account", "instalment__award__programme")
    return list(batch.lines.select_related(*related).order_by("number"))


def _headings() -> list[str]:
    return [
        _("Line"),
        _("Payee"),
        _("Account holder"),
        _("Bank"),
        _("Bank code"),
        _("Account number"),
        _("Amount (yuan)"),
        _("Purpose"),
        _("Case number"),
    ]


def _row(line: PayoutLine) -> list[Cell]:
    award = line.instalment.award
    return [
        line.number,
        line.payee.name,
        line.account.holder,
        line.account.bank,
        line.account.bank_code,
        account_number(line.account),
        line.amount,
        f"{award.verb} {award.programme.title}",
        award.case_number,
    ]


def account_number(account: BankAccount) -> str:
    """In full: for payout files alone."""
    return decrypt(account.number_encrypted, purpose=ACCOUNT_PURPOSE).decode()


def _control_totals(batch: PayoutBatch) -> list[Cell]:
    label = _("Total")
    number = batch.line_count
    lines = ngettext("%(count)s line", "%(count)s lines", number) % {"count": number}
    return [label, lines, None, None, None, None, batch.total, None, batch.number]


def _about(batch: PayoutBatch) -> list[list[Cell]]:
    return [
        [_("Batch number"), batch.number],
        [_("City"), batch.city.name],
        [_("Lines"), str(batch.line_count)],
        [_("Total (yuan)"), f"{Decimal(batch.total):.2f}"],
        [_("Prepared by"), str(batch.prepared_by)],
        [_("Approved by"), str(batch.approved_by)],
    ]
