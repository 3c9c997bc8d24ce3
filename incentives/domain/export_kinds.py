"""What can be exported, and who writes it in which format. The ledger's PDF and the other kinds
are entered by reviews.presenters.exported, when the app is ready."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from incentives.domain import ledger
from incentives.domain.ledger import Seen
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import Export, LedgerEntry
from incentives.models.export import ExportKind

Writer = Callable[[Export, Path, Seen], int]  # into that file; how many lines it has


@dataclass(frozen=True, slots=True)
class Kind:
    """`rows` has one for each line of the file, of these cities as filtered; `event` is written
    down when it is asked for, of `subject`."""

    rows: Callable[[Collection[str], Mapping[str, Any]], QuerySet[Any, Any]]
    writers: dict[str, Writer]
    event: str
    subject: str = "ledger"


def cities_of(export: Export) -> list[str]:
    return list(export.cities.values_list("pk", flat=True))


def entries_of(export: Export) -> QuerySet[LedgerEntry]:
    return _entries(cities_of(export), export.wanted)


def _entries(cities: Collection[str], wanted: Mapping[str, Any]) -> QuerySet[LedgerEntry]:
    return ledger.entries(cities=cities, wanted=LedgerFilter(**wanted))


def _csv(export: Export, target: Path, seen: Seen) -> int:
    many = 0

    def counted(lines: int) -> None:
        nonlocal many
        many += lines
        seen(lines)

    with open(target, "wb") as file:
        file.writelines(ledger.csv_stream(entries_of(export), seen=counted))
    return many


def _xlsx(export: Export, target: Path, seen: Seen) -> int:
    return ledger.write_ledger_xlsx(target, entries_of(export), seen=seen)


KINDS: dict[str, Kind] = {
    ExportKind.LEDGER: Kind(_entries, {"csv": _csv, "xlsx": _xlsx}, "ledger.exported"),
}
