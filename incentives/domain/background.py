"""Exports: made at once, or asked for, claimed by a worker and written with progress; and kept.

A file stands under MEDIA_ROOT/exports with its SHA-256; each fetch of it is written down. A worker
that dies leaves a claim that grows old: the next one begins the file anew.
"""

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event as Bell
from threading import Thread
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from applicants.domain.doorbell import ring
from applicants.domain.errors import Conflict, Refused
from applicants.domain.notices import notify
from applicants.models import City, User
from incentives.domain import ledger
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import Export, ExportFetch, LedgerEntry
from incentives.models.export import ExportState

FROM_ROWS = 50_000  # above so many an export is background work
FORMS = ("csv", "xlsx")
OLD = timedelta(minutes=2)  # a claim that nobody has renewed for so long is anybody's
RENEWED = 2.0  # seconds between two renewals
MOST_ATTEMPTS = 3
CLAIM = """
UPDATE incentives_export
   SET state = 'running', claimed_at = now(), attempts = attempts + 1, done = 0
 WHERE id = (SELECT id FROM incentives_export
              WHERE attempts < %(most)s AND (state = 'waiting' OR
                    (state = 'running' AND claimed_at < now() - %(old)s::interval))
              ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
GIVE_UP = """
UPDATE incentives_export SET state = 'failed'
 WHERE id = (SELECT id FROM incentives_export
              WHERE state = 'running' AND attempts >= %(most)s
                AND claimed_at < now() - %(old)s::interval
              ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def export(*, cities: Collection[str], wanted: LedgerFilter, form: str, user: User) -> Export:
    """The ledger as filtered: at once, or, above FROM_ROWS and where that fails, asked for.

    Raises Refused on `form` for another format than CSV or XLSX.
    """
    rows = ledger.entries(cities=cities, wanted=wanted)
    if form not in FORMS or ledger.more_than(rows, FROM_ROWS):
        return ask(cities=cities, wanted=wanted, form=form, user=user)
    claim = {"state": ExportState.RUNNING, "claimed_at": timezone.now(), "attempts": 1}
    made = _write_down(cities, wanted, form, user, rows=0, **claim)
    if not _attempt(made, tell=False):
        ring("incentives.run_exports")
    made.refresh_from_db()
    return made


@transaction.atomic
def ask(*, cities: Collection[str], wanted: LedgerFilter, form: str, user: User) -> Export:
    """Have the ledger exported as filtered; asking again while it is made gives the same export.

    Raises Refused on `form` for another format than CSV or XLSX.
    """
    if form not in FORMS:
        raise Refused({"form": _("An export is a CSV or an XLSX file.")})
    chosen = wanted.chosen()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two clicks are one export
    open_ones = Export.objects.filter(state__in=[ExportState.WAITING, ExportState.RUNNING])
    same = open_ones.filter(requested_by=user, kind="ledger", wanted=chosen, form=form).first()
    if same is not None:
        return same
    rows = ledger.entries(cities=cities, wanted=wanted).count()
    asked = _write_down(cities, wanted, form, user, rows=rows)
    ring("incentives.run_exports")
    return asked


@transaction.atomic
def _write_down(
    cities: Collection[str], wanted: LedgerFilter, form: str, user: User, **more: Any
) -> Export:
    chosen, holding = wanted.chosen(), wanted.among(cities)
    asked = Export.objects.create(
        kind="ledger",
        wanted=chosen,
        form=form,
        language=get_language() or settings.LANGUAGE_CODE,
        requested_by=user,
        **more,
    )
    asked.cities.set(City.objects.filter(pk__in=holding))
    ledger.note_export(chosen=chosen, cities=holding, form=form, user=user)
    return asked


def run() -> int:
    """Make what waits, one file after the other; how many were made."""
    while _give_up():
        pass
    made = 0
    while (claimed := _next(CLAIM)) is not None:
        made += _attempt(claimed)
    return made


def _next(statement: str) -> Export | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"most": MOST_ATTEMPTS, "old": str(OLD)})
        row = cursor.fetchone()
    return Export.objects.get(pk=row[0]) if row else None


@transaction.atomic
def _give_up() -> bool:
    """One whose worker was lost at the last attempt; whether there was one."""
    lost = _next(GIVE_UP)
    if lost is None:
        return False
    with override(lost.language):
        lost.error = _("Whoever wrote the file was stopped before it was whole, each time.")
    lost.save(update_fields=["error"])
    _tell(lost, "export.failed")
    return True


def _attempt(export: Export, *, tell: bool = True) -> bool:
    """Whether the file is there, as is told to who does not wait for it.

    What went wrong is kept, and the third time it has failed.
    """
    try:
        with override(export.language), _renewed(export) as progress:
            kept = _write(export, progress)
    except Exception as error:  # noqa: BLE001  # whatever it was, it stands beside the export
        final = export.attempts >= MOST_ATTEMPTS
        state = ExportState.FAILED if final else ExportState.WAITING
        if _mine(export).update(state=state, error=_broke_off(export, error)) and final:
            _tell(export, "export.failed")
        return False
    if kept and tell:
        _tell(export, "export.done")
    return kept


def _broke_off(export: Export, error: Exception) -> str:
    what = f"{type(error).__name__}: {error}"[:1500]
    with override(export.language):
        told = _(
            "The file could not be written; ask whoever runs Huiqi, with these words: %(what)s"
        )
        return told % {"what": what}


def _mine(export: Export) -> QuerySet[Export]:
    """The row, unless another worker has taken it over since."""
    running = Export.objects.filter(state=ExportState.RUNNING)
    return running.filter(pk=export.pk, attempts=export.attempts)


class Progress:
    def __init__(self) -> None:
        self.lines = 0

    def more(self, lines: int) -> None:
        self.lines += lines


@contextmanager
def _renewed(export: Export) -> Iterator[Progress]:
    """Beside the writing, on a connection of its own: the claim renewed, and how far it is."""
    progress, over = Progress(), Bell()

    def renew() -> None:
        while not over.wait(RENEWED):
            with suppress(DatabaseError):  # a server that is away for a moment comes back
                done = min(progress.lines, export.rows)
                _mine(export).update(done=done, claimed_at=timezone.now())
            connection.close_if_unusable_or_obsolete()
        connection.close()

    beside = Thread(target=renew)
    beside.start()
    try:
        yield progress
    finally:
        over.set()
        beside.join()


def _write(export: Export, progress: Progress) -> bool:
    """Into a file beside the place, which takes the place once it is whole.

    Whether it did: what another worker has taken over meanwhile is the other's to keep.
    """
    place = path_of(export)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_suffix(f".{export.attempts}.part")
    rows = ledger.entries(
        cities=list(export.cities.values_list("pk", flat=True)),
        wanted=LedgerFilter(**export.wanted),
    )
    try:
        if export.form == "xlsx":
            export.rows = ledger.write_ledger_xlsx(part, rows, seen=progress.more)
        else:
            export.rows = _write_csv(part, rows, progress)
        size, digest = _sealed(part)
        now = timezone.localtime()
        with transaction.atomic():
            kept = _mine(export).update(
                state=ExportState.DONE,
                rows=export.rows,
                done=export.rows,
                finished_at=now,
                name=f"{export.kind}-{now:%Y%m%d-%H%M}-{export.pk}.{export.form}",
                size=size,
                sha256=digest,
                error="",
            )
            if kept:
                os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)
    return bool(kept)


def _write_csv(target: Path, rows: QuerySet[LedgerEntry], progress: Progress) -> int:
    with open(target, "wb") as file:
        file.writelines(ledger.csv_stream(rows, seen=progress.more))
    return progress.lines


def _sealed(part: Path) -> tuple[int, str]:
    """Size and SHA-256, once it is safe on the disk."""
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
        return part.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def path_of(export: Export) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / f"{export.pk}.{export.form}"


def _tell(export: Export, kind: str) -> None:
    notify(
        user=export.requested_by,
        kind=kind,
        key=f"{kind}:{export.pk}",
        data={"count": export.rows, "format": export.form.upper()},
        url=f"/admin/incentives/export/{export.pk}/change/",
    )


def exports_of(cities: Collection[str]) -> QuerySet[Export]:
    """Those of these cities alone; what holds another city's lines as well stays out."""
    return Export.objects.exclude(cities__in=City.objects.exclude(pk__in=cities))


@transaction.atomic
def fetch(*, export: Export, user: User) -> Path:
    """The file, with the fetch written down.

    Raises Conflict while it is not there, and where it is not what its SHA-256 says.
    """
    place = path_of(export)
    if export.state != ExportState.DONE or not place.exists():
        raise Conflict(_("This export has no file yet."))
    with open(place, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != export.sha256:
            raise Conflict(_("This file is not as it was written. Have it made anew."))
    ExportFetch.objects.create(export=export, user=user)
    return place
