"""The bank's file for a batch: looked through, then settled line by line; twice changes nothing."""

from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.crypto import encrypt
from applicants.domain.errors import Conflict, Refused
from applicants.domain.events import record
from applicants.domain.uploads import Checked
from applicants.models import User
from incentives.domain import payouts
from incentives.domain.bank_rows import Answer, read_answers
from incentives.domain.lists import check_list, read_table
from incentives.models import BankResult, PayoutBatch, PayoutLine
from incentives.models.payout import BatchState, LineState

LARGEST = 1_000_000  # bytes; a batch of thousands of lines is far below
PURPOSE = "bank result"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file says of a batch. `earlier`: the same file, imported before."""

    batch: PayoutBatch
    sha256: str
    answers: list[Answer]
    earlier: BankResult | None

    @property
    def taken(self) -> list[Answer]:
        return [one for one in self.answers if not one.problem and not one.known]

    @property
    def refused(self) -> list[Answer]:
        return [one for one in self.answers if one.problem]

    @property
    def known(self) -> list[Answer]:
        return [one for one in self.answers if one.known]

    def sums(self) -> dict[str, tuple[int, Decimal]]:
        """Of what would be recorded: how many lines, and yuan, by result."""
        return {result: self._sum(result) for result in (LineState.PAID, LineState.RETURNED)}

    def _sum(self, result: str) -> tuple[int, Decimal]:
        lines = [one.line for one in self.taken if one.line and one.result == result]
        return len(lines), sum((line.pays for line in lines), Decimal(0))


def read_file(upload: "UploadedFile[bytes]") -> Checked:
    """Raises Refused on `file`: no table, or too large."""
    found = check_list(upload)
    if len(found.content) > LARGEST:
        raise Refused({"file": _("A bank's file has at most 1 MB; split it.")})
    return found


def look_through(*, batch: PayoutBatch, name: str, content: bytes) -> Preview:
    """What importing the file would record. Raises Refused on `file` when it is no such table."""
    if batch.state not in (BatchState.EXPORTED, BatchState.SETTLED):
        raise Conflict(_("The batch has not been exported; the bank cannot have answered."))
    digest = sha256(content).hexdigest()
    answers = read_answers(batch, read_table(name, content))
    earlier = BankResult.objects.filter(batch=batch, sha256=digest).first()
    return Preview(batch, digest, answers, earlier)


@transaction.atomic
def import_results(
    *, batch_id: int, name: str, content: bytes, user: User
) -> tuple[BankResult, list[PayoutLine]]:
    """Settle the lines that the file answers rightly; rows with a problem are left, and counted.

    The same file again gives the first result and no lines. Raises Refused on `file` when no row
    can be taken.
    """
    batch = PayoutBatch.objects.select_for_update(of=("self",)).select_related("city")
    preview = look_through(batch=batch.get(pk=batch_id), name=name, content=content)
    if preview.earlier:
        return preview.earlier, []
    if not preview.taken:
        raise Refused({"file": _nothing(preview)})
    result = _keep(preview, name, content, user)
    answers = {one.line.pk: (one.result, one.note) for one in preview.taken if one.line}
    return result, payouts.settle(batch_id=batch_id, results=answers, user=user)


def _nothing(preview: Preview) -> list[str]:
    told = [_("No row of the file can be recorded.")]
    rows = [
        _("Row %(row)s: %(problem)s") % {"row": one.row, "problem": one.problem}
        for one in preview.refused[:5]
    ]
    return told + rows


def _keep(preview: Preview, name: str, content: bytes, user: User) -> BankResult:
    sums = preview.sums()
    result = BankResult.objects.create(
        batch=preview.batch,
        name=name[:200],
        sha256=preview.sha256,
        paid=sums[LineState.PAID][0],
        returned=sums[LineState.RETURNED][0],
        content_encrypted=encrypt(content, purpose=PURPOSE),
        imported_by=user,
        imported_at=timezone.now(),
    )
    record(
        kind="payout.results_imported",
        subject=preview.batch.number,
        actor=user,
        city=preview.batch.city,
        data={"file": name, "sha256": preview.sha256, "refused": len(preview.refused)}
        | {key: {"lines": count, "total": str(total)} for key, (count, total) in sums.items()},
    )
    return result
