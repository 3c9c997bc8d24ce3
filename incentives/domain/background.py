"""Exports: made at once, or asked for, claimed by a worker and written with progress; and kept.

A worker that dies leaves a claim that grows old: the next one begins the file anew. Where the files
are kept, for how long, and how they are fetched: incentives.domain.kept_files.
"""

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.domain.notices import notify
from applicants.models import City, User
from incentives.domain import ledger
from incentives.domain.export_kinds import KINDS, cities_of
from incentives.domain.exports import Fact
from incentives.domain.kept_files import path_of
from incentives.models import Export
from incentives.models.export import ExportKind, ExportState

FROM_ROWS = 50_000  # above so many an export is background work
MOST_PRINTED = 2000  # lines of a PDF, which are a hundred pages or so
LONGEST_STEM = 80  # of a file's name
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


def export(
    *,
    cities: Collection[str],
    wanted: Mapping[str, Any],
    form: str,
    user: User,
    kind: str = ExportKind.LEDGER,
    told: Sequence[Fact] = (),
) -> Export:
    """What is wanted, at once, or, above FROM_ROWS and where that fails, asked for.

    `wanted` is the filter by name, `told` the same in words. Raises Refused on `form` for a format
    that there is not, and for a PDF of more than MOST_PRINTED lines.
    """
    asked = {"kind": kind, "wanted": dict(wanted), "form": form, "told": [*told]}
    rows = _rows(asked, cities)
    if ledger.more_than(rows, FROM_ROWS):
        return _ask(asked, cities, rows, user)
    claim = {"state": ExportState.RUNNING, "claimed_at": timezone.now(), "attempts": 1}
    made = _write_down(asked, cities, user, rows=0, **claim)
    if not _attempt(made, tell=False):
        ring("incentives.run_exports")
    made.refresh_from_db()
    return made


def ask(
    *,
    cities: Collection[str],
    wanted: Mapping[str, Any],
    form: str,
    user: User,
    kind: str = ExportKind.LEDGER,
    told: Sequence[Fact] = (),
) -> Export:
    """Have it made in the background; asking again while it is made gives the same export.

    Raises Refused as `export`.
    """
    asked = {"kind": kind, "wanted": dict(wanted), "form": form, "told": [*told]}
    return _ask(asked, cities, _rows(asked, cities), user)


def anew(*, of: Export, user: User) -> Export:
    """The same of what there is now, in the same language: another export, with its own file."""
    again = {name: getattr(of, name) for name in ("kind", "wanted", "form", "told")}
    with override(of.language):
        return export(cities=cities_of(of), user=user, **again)


def _rows(asked: dict[str, Any], cities: Collection[str]) -> QuerySet[Any, Any]:
    kind = KINDS[asked["kind"]]
    if asked["form"] not in kind.writers:
        raise Refused({"form": _("An export is a CSV, an XLSX or a PDF file.")})
    rows = kind.rows(cities, asked["wanted"])
    if asked["form"] == "pdf" and ledger.more_than(rows, MOST_PRINTED):
        told = _(
            "A PDF holds at most %s lines, and this one would have more. Narrow the filter, or "
            "take the XLSX or the CSV, which hold them all."
        )
        raise Refused({"form": told % MOST_PRINTED})
    return rows


@transaction.atomic
def _ask(
    asked: dict[str, Any], cities: Collection[str], rows: QuerySet[Any, Any], user: User
) -> Export:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two clicks are one export
    open_ones = Export.objects.filter(state__in=[ExportState.WAITING, ExportState.RUNNING])
    alike = {name: asked[name] for name in ("kind", "wanted", "form")}
    same = open_ones.filter(requested_by=user, **alike).first()
    if same is not None:
        return same
    waits = _write_down(asked, cities, user, rows=rows.order_by().count())
    ring("incentives.run_exports")
    return waits


@transaction.atomic
def _write_down(asked: dict[str, Any], cities: Collection[str], user: User, **more: Any) -> Export:
    wanted, kind = asked["wanted"], KINDS[asked["kind"]]
    holding = City.objects.filter(pk__in=cities)
    if "city" in wanted:
        holding = holding.filter(pk=wanted["city"])
    language = get_language() or settings.LANGUAGE_CODE
    made = Export.objects.create(**asked, language=language, requested_by=user, **more)
    made.cities.set(holding)
    data = {"format": made.form, "filter": wanted}
    for city in holding:
        subject = f"{kind.subject}:{city.pk}"
        record(kind=kind.event, subject=subject, actor=user, city=city, data=data)
    return made


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
    try:
        export.rows = KINDS[export.kind].writers[export.form](export, part, progress.more)
        size, digest = _sealed(part)
        now = timezone.localtime()
        with transaction.atomic():
            kept = _mine(export).update(
                state=ExportState.DONE,
                rows=export.rows,
                done=export.rows,
                finished_at=now,
                name=f"{_stem(export)}-{now:%Y%m%d-%H%M}-{export.pk}.{export.form}",
                size=size,
                sha256=digest,
                error="",
            )
            if kept:
                os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)
    return bool(kept)


def _stem(export: Export) -> str:
    """What it is of: cities, and the years and the grouping that were chosen."""
    wanted = export.wanted
    chosen = [str(wanted[key]) for key in ("year", "approval_year", "by") if key in wanted]
    parts = [export.kind, *sorted(cities_of(export)), *chosen]
    return "-".join(parts).replace("_", "-")[:LONGEST_STEM]


def _sealed(part: Path) -> tuple[int, str]:
    """Size and SHA-256, once it is safe on the disk."""
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
        return part.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


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
