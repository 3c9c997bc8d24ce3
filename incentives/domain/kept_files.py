"""The files of exports: under MEDIA_ROOT/exports, each fetch written down, deleted in their time.

They say who was paid what, persons among them, and are copies: the same stands in the ledger and
can be exported anew. So each is deleted `export_days` after it was made; the row stays, with who
asked for what, the hash, and who fetched it.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from io import BufferedReader
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Gone
from applicants.domain.events import record
from applicants.models import City, User
from incentives.domain.settings import settings_everywhere
from incentives.models import Export, ExportFetch
from incentives.models.export import ExportState

DAYS = "export_days"
AT_ONCE = 500  # rows
FETCHED = timedelta(hours=1)  # so long a fetch may still be reading, from another host too
LEFT = timedelta(days=1)  # untouched for so long, a part has nobody who writes it
OVER = """
SELECT e.id
  FROM incentives_export e
 WHERE e.id > %(behind)s AND e.state = 'done' AND e.file_deleted_at IS NULL
   AND e.finished_at < %(now)s - make_interval(days => (
       SELECT min(kept.days)
         FROM incentives_export_cities c
         JOIN unnest(%(cities)s::text[], %(days)s::int[]) AS kept (city, days)
           ON kept.city = c.city_id
        WHERE c.export_id = e.id))
   AND NOT EXISTS (SELECT FROM incentives_exportfetch f
                    WHERE f.export_id = e.id AND f.at > %(fetched)s)
 ORDER BY e.id LIMIT %(most)s
   FOR UPDATE OF e SKIP LOCKED
"""
log = logging.getLogger(__name__)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "exports"


def path_of(export: Export) -> Path:
    return folder() / f"{export.pk}.{export.form}"


def fetch(*, export: Export, user: User) -> BufferedReader:
    """The file, open, with the fetch written down; whoever has it open can read it to its end.

    Raises Conflict while it is not there, and where it is not what its SHA-256 says; Gone once it
    is deleted.
    """
    with ExitStack() as opened:
        with transaction.atomic():
            kept = _held(export)
            if kept.file_deleted_at:
                raise Gone(gone(kept))
            if kept.state != ExportState.DONE:
                raise Conflict(_("This export has no file yet."))
            file = opened.enter_context(_open(kept))
            if hashlib.file_digest(file, "sha256").hexdigest() != kept.sha256:
                raise Conflict(_("This file is not as it was written. Have it made anew."))
            file.seek(0)
            ExportFetch.objects.create(export=kept, user=user)
        opened.pop_all()
    return file


def _held(export: Export) -> Export:
    """As it is now, and not deleted before the transaction ends; others may fetch meanwhile."""
    held = "SELECT * FROM incentives_export WHERE id = %s FOR KEY SHARE"
    return Export.objects.raw(held, [export.pk])[0]


def _open(export: Export) -> BufferedReader:
    try:
        return open(path_of(export), "rb")
    except FileNotFoundError as error:
        told = _("This file is no longer where it was kept. Have it made anew.")
        raise Conflict(told) from error


def gone(export: Export) -> str:
    """Why there is no file, and what to do."""
    told = _(
        "This file was deleted on %(day)s, when the days for which files of exports are kept were "
        "over. The same export can be asked for anew."
    )
    deleted = timezone.localtime(export.file_deleted_at)
    return told % {"day": f"{deleted:%Y-%m-%d}"}


def kept_until(export: Export) -> datetime | None:
    """When the file may be deleted: of several cities after the fewest days of them."""
    days = _days()
    found = [days[city.pk] for city in export.cities.all()]
    if export.finished_at is None or not found:
        return None
    return export.finished_at + timedelta(days=min(found))


def _days() -> dict[str, int]:
    """By city."""
    return {
        city: days
        for (city, programme), days in settings_everywhere(DAYS).items()
        if programme == 0
    }


def delete_old() -> int:
    """Delete what has had its time, and what was left behind; how many files had their time."""
    deleted, behind = _delete_some(0)
    while behind:
        some, behind = _delete_some(behind)
        deleted += some
    _delete_left()
    return deleted


@transaction.atomic
def _delete_some(behind: int) -> tuple[int, int]:
    """How many were deleted, and behind which row to go on, 0 when there are no more.

    The files first, and the rows, locked meanwhile, once they are gone for good: a row never says
    so too early, and who is stopped in between finds the same rows the next night.
    """
    now = timezone.now()
    found = list(Export.objects.filter(pk__in=_over(now, behind)).prefetch_related("cities"))
    deleted = [export for export in found if _unlinked(path_of(export))]
    _settle_folder()
    Export.objects.filter(pk__in=[export.pk for export in deleted]).update(file_deleted_at=now)
    _note(deleted)
    return len(deleted), max((export.pk for export in found), default=0)


def _over(now: datetime, behind: int) -> list[int]:
    days = _days()
    with connection.cursor() as cursor:
        cursor.execute(
            OVER,
            {
                "behind": behind,
                "now": now,
                "cities": list(days),
                "days": list(days.values()),
                "fetched": now - FETCHED,
                "most": AT_ONCE,
            },
        )
        return [pk for (pk,) in cursor.fetchall()]


def _unlinked(place: Path) -> bool:
    """Whether it is gone; what cannot be deleted tonight is tried again the next night."""
    try:
        place.unlink(missing_ok=True)
    except OSError:
        log.exception("cannot delete %s", place.name)
        return False
    return True


def _settle_folder() -> None:
    """A deletion outlives a loss of power once the folder is on the disk."""
    if not folder().exists():
        return
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _note(deleted: Iterable[Export]) -> None:
    of_city: dict[City, int] = {}
    for export in deleted:
        for city in export.cities.all():
            of_city[city] = of_city.get(city, 0) + 1
    for city, count in of_city.items():
        told, data = f"exports:{city.pk}", {"count": count}
        record(kind="export.deleted", subject=told, actor=None, city=city, data=data)


def _delete_left() -> None:
    """Parts that nobody finishes, and files of exports that failed or came back from a backup."""
    old = _old_names()
    while some := list(islice(old, AT_ONCE)):
        rows = Export.objects.in_bulk({_number(name) for name in some})
        for name in some:
            export = rows.get(_number(name))
            if export is not None and _left(export, name):
                _unlinked(folder() / name)


def _old_names() -> Iterator[str]:
    if not folder().exists():
        return
    before = (timezone.now() - LEFT).timestamp()
    with os.scandir(folder()) as found:
        for entry in found:
            with suppress(FileNotFoundError):  # whoever wrote it has just put it in its place
                if _number(entry.name) and entry.stat().st_mtime < before:
                    yield entry.name


def _number(name: str) -> int:
    """Of which export it is, 0 for none."""
    first = name.partition(".")[0]
    return int(first) if first.isdecimal() else 0


def _left(export: Export, name: str) -> bool:
    if export.state == ExportState.DONE:
        return export.file_deleted_at is not None or name != path_of(export).name
    return export.state == ExportState.FAILED
