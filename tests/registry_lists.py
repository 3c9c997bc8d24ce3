"""Bureaus' lists for tests, as files of a few lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from applicants.models import Party, User
from incentives.models import Bureau, RegistryImport
from incentives.models.registry import ImportKind
from reviews.domain import sweeps_lists
from reviews.models.staff import Role
from tests.factories import bureau, make_staff, valid_uscc

PROGRAMME = "hitech-first-recognition-award"
HEADINGS = ("统一社会信用代码", "名称", "单位类型", "区（市）")


def csv_file(
    headings: Sequence[str], rows: Iterable[Sequence[str]], encoding: str = "utf-8"
) -> SimpleUploadedFile:
    lines = "\r\n".join(",".join(cells) for cells in [headings, *rows])
    return SimpleUploadedFile("名单.csv", lines.encode(encoding))


def xlsx_file(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> SimpleUploadedFile:
    book = Workbook()
    for cells in [headings, *rows]:
        book.active.append(list(cells))
    content = BytesIO()
    book.save(content)
    return SimpleUploadedFile("名单.xlsx", content.getvalue())


class Office:
    """A bureau with the people of the registry: who brings lists, who takes them."""

    def __init__(self, bureau_code: str = "sti", city: str = "qingdao") -> None:
        self.bureau: Bureau = bureau(bureau_code, city)
        self.preparer = make_staff(Role.PREPARER, bureau_code, city)
        self.approver = make_staff(Role.APPROVER, bureau_code, city)

    def bring(
        self,
        upload: SimpleUploadedFile,
        kind: str = ImportKind.FACTS,
        user: User | None = None,
        as_of: date = date(2026, 3, 31),
    ) -> RegistryImport:
        return sweeps_lists.bring_list(
            bureau=self.bureau,
            kind=kind,
            upload=upload,
            source="青科字〔2026〕1号",
            as_of=as_of,
            user=user or self.preparer,
        )

    def take(self, found: RegistryImport, user: User | None = None) -> RegistryImport:
        return sweeps_lists.take_list(found=found, user=user or self.approver)

    def bring_and_take(self, upload: SimpleUploadedFile, kind: str = ImportKind.FACTS) -> None:
        self.take(self.bring(upload, kind))


def organisations(count: int, **facts: str) -> list[tuple[str, ...]]:
    return [
        (valid_uscc(), f"名单企业{number}", "企业", "崂山区", *facts.values())
        for number in range(count)
    ]


def recognised(count: int, expenses: str = "2000000") -> list[tuple[str, ...]]:
    """Enterprises with all that the award for a first recognition asks for."""
    return [
        (*row, f"GR2026371{number:05d}", "none", "2025", expenses)
        for number, row in enumerate(organisations(count))
    ]


RECOGNISED = (
    *HEADINGS,
    f"{PROGRAMME}.certificate_number",
    f"{PROGRAMME}.recognition_history",
    f"{PROGRAMME}.recognition_year",
    f"{PROGRAMME}.rd_expenses",
)


def party(row: Sequence[str]) -> Party:
    return Party.objects.get(uscc=row[0])


def facts_of(party: Party) -> Mapping[str, Any]:
    from incentives.models import RegistryRecord

    return RegistryRecord.objects.get(party=party).facts
