"""What a payout format makes of two invented payments: of nobody, and written nowhere."""

from decimal import Decimal

from django.utils.translation import gettext as _

from applicants.domain.accounts import ACCOUNT_PURPOSE
from applicants.domain.crypto import encrypt
from applicants.models import BankAccount, City, Party, User
from incentives.domain.exports import Cell
from incentives.domain.payout_files import tabled, written
from incentives.models import Award, Instalment, PayoutBatch, PayoutFormat, PayoutLine, Programme

ZERO, TAX, OWED = Decimal(0), Decimal("160.00"), Decimal("300.00")


def sample_table(layout: PayoutFormat) -> tuple[list[str], list[list[Cell]], list[str]]:
    """Headings, rows, and which of the headings are yuan."""
    batch = _batch(layout.city)
    return tabled(batch, layout, _lines(batch))


def sample_file(layout: PayoutFormat) -> bytes:
    batch = _batch(layout.city)
    return written(batch, layout, _lines(batch))


def _batch(city: City) -> PayoutBatch:
    first, second = User(name=_("preparer")), User(name=_("approver"))
    return PayoutBatch(city=city, number="SAMPLE-0001", prepared_by=first, approved_by=second)


def _lines(batch: PayoutBatch) -> list[PayoutLine]:
    """A plain payment, and one with tax, netting, funding source and subject code."""
    plain = _line(batch, 1, Decimal("1234567.89"))
    other = _line(batch, 2, Decimal("1000.00"), withheld=TAX, netted=OWED)
    other.funding_source, other.subject_code = "财指〔0000〕0号", "2060404"
    return [plain, other]


def _line(
    batch: PayoutBatch, number: int, amount: Decimal, *, withheld: Decimal = ZERO,
    netted: Decimal = ZERO,
) -> PayoutLine:  # fmt: skip
    name = _("sample payee %s") % number
    party = Party(name=name, uscc=f"9100000000000000{number:02}")
    account = BankAccount(
        party=party,
        holder=name,
        bank=_("sample bank"),
        bank_code="000000000000",
        number_encrypted=encrypt(f"{number:019}".encode(), purpose=ACCOUNT_PURPOSE),
    )
    line = PayoutLine(
        batch=batch, number=number, payee=party, account=account, instalment=_instalment(number),
        amount=amount, withheld=withheld, netted=netted,
    )  # fmt: skip
    line.pays = amount - withheld - netted  # the database's own sum of a line that is kept
    return line


def _instalment(number: int) -> Instalment:
    title = _("sample programme")
    programme = Programme(title_zh=title, title_en=title)
    award = Award(case_number=f"SAMPLE-{number:04}", verb="奖励", programme=programme)
    return Instalment(award=award)
