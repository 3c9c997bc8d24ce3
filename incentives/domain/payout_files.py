"""The files of a payout batch: what the bank is told to pay, line by line, with control totals."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from incentives.domain.exports import Cell, Sheet, csv_bytes, xlsx_bytes
from incentives.domain.payout_columns import SOURCES, columns_shown
from incentives.models import PayoutBatch, PayoutFormat, PayoutLine


def content(batch: PayoutBatch, layout: PayoutFormat) -> bytes:
    """The file of a batch; a line of which nothing is left to transfer is not in it."""
    return written(batch, layout, _lines(batch))


def written(batch: PayoutBatch, layout: PayoutFormat, lines: list[PayoutLine]) -> bytes:
    """In the language of the installation always: a bank reads one wording."""
    with translation.override(settings.LANGUAGE_CODE):
        headings, rows, money = tabled(batch, layout, lines)
        if layout.form == "csv":
            return csv_bytes(headings, rows)
        sheets = [Sheet(_("Payments"), headings, rows, money=money)]
        if layout.options.get("about", True):
            sheets.append(Sheet(_("Batch"), [_("Item"), _("Content")], _about(batch, lines)))
        return xlsx_bytes(sheets)


def tabled(
    batch: PayoutBatch, layout: PayoutFormat, lines: list[PayoutLine]
) -> tuple[list[str], list[list[Cell]], list[str]]:
    """Headings, rows, and which of the headings are yuan."""
    columns = columns_shown(layout.columns, lines)
    headings = [column["heading"] for column in columns]
    sources = [SOURCES[column["source"]] for column in columns]
    rows: list[list[Cell]] = [[source.of(line) for source in sources] for line in lines]
    if layout.options.get("totals", True):
        rows.append([source.total(batch, lines) for source in sources])
    money = [heading for heading, one in zip(headings, sources, strict=True) if one.money]
    return headings, rows, money


def name_of(batch: PayoutBatch, layout: PayoutFormat) -> str:
    kind = "" if layout.options.get("plain_name") else f"-{layout.code}"
    whose = f"-{batch.district.code}" if batch.district else ""
    return f"{batch.number}{whose}{kind}.{layout.form}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the files of a batch ask the bank for, and what is kept back before, in yuan."""

    lines: int
    amount: Decimal
    withheld: Decimal
    netted: Decimal


def transfer_of(batch: PayoutBatch) -> Transfer:
    found = batch.lines.aggregate(
        lines=Count("pk", filter=Q(pays__gt=0)),
        amount=Sum("pays"),
        withheld=Sum("withheld"),
        netted=Sum("netted"),
    )
    return Transfer(**found)


def _lines(batch: PayoutBatch) -> list[PayoutLine]:
    related = ("batch__district", "payee", "account", "instalment__award__programme")
    return list(batch.lines.filter(pays__gt=0).select_related(*related).order_by("number"))


def _about(batch: PayoutBatch, lines: list[PayoutLine]) -> list[list[Cell]]:
    total = sum((line.pays for line in lines), Decimal(0))
    return [
        [_("Batch number"), batch.number],
        [_("City"), batch.city.name],
        [_("Payer"), batch.whose],
        [_("Lines"), str(len(lines))],
        [_("Total (yuan)"), f"{total:.2f}"],
        [_("Prepared by"), str(batch.prepared_by)],
        [_("Approved by"), str(batch.approved_by)],
    ]
