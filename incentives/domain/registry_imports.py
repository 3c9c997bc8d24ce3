"""Lists of the bureaus: looked through row by row, then taken in whole or not at all.

Who may do what is for the caller to know (reviews.domain.sweeps_lists).
"""

from datetime import date
from hashlib import sha256

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.domain.events import record
from applicants.domain.texts import read_line
from applicants.models import Party, User
from incentives.domain import money, registry
from incentives.domain.credit_lists import take_listings
from incentives.domain.lists import check_list, read_table
from incentives.domain.openings import OPENING, take_openings
from incentives.domain.registry_apply import take_entries, take_facts, take_parties
from incentives.domain.registry_columns import columns_of
from incentives.domain.registry_rows import Row, check_rows, faulty
from incentives.domain.registry_words import heard
from incentives.models import Bureau
from incentives.models.registry import ImportKind, ImportRow, ImportState, RegistryImport

AT_ONCE = 5000
MOST_TOLD = 5


@transaction.atomic
def look_through(
    *,
    bureau: Bureau,
    kind: str,
    upload: "UploadedFile[bytes]",
    source: str,
    as_of: date,
    user: User,
) -> RegistryImport:
    """Keep a list with every fault by row and column; nothing of it counts yet.

    Raises Refused by field: `file` (its form, its headings), `source`, `as_of`.
    """
    if kind not in ImportKind.values:
        raise Refused({"kind": _("Choose what the list holds.")})
    if as_of > timezone.localdate():
        raise Refused({"as_of": _("Write the day on which the list stood, at most today.")})
    line = read_line(source, field="source", limit=300)
    checked = check_list(upload)
    table = read_table(checked.name, checked.content)
    columns = columns_of(kind, table.headings, bureau.city_id)
    rows = check_rows(kind=kind, city=bureau.city_id, columns=columns, rows=table.rows)
    found = RegistryImport.objects.create(
        city_id=bureau.city_id,
        bureau=bureau,
        kind=kind,
        file_name=checked.name,
        sha256=sha256(checked.content).hexdigest(),
        source=line,
        as_of=as_of,
        row_count=len(rows),
        fault_count=faulty(rows),
        uploaded_by=user,
    )
    _keep(found, rows)
    _note(found, "registry.uploaded", user)
    return found


def _keep(found: RegistryImport, rows: list[Row]) -> None:
    ImportRow.objects.bulk_create(
        (
            ImportRow(of=found, number=row.number, values=row.values, problems=row.problems)
            for row in rows
        ),
        batch_size=AT_ONCE,
    )


def take(*, import_id: int, user: User) -> RegistryImport:
    """Take a list in: all of it in one transaction, or nothing.

    What has changed since it was looked through is found by looking again. The same file twice, or
    two people at once, change nothing the second time: that is a Conflict.
    """
    with transaction.atomic():
        found = _waiting(import_id)
        if found.uploaded_by_id == user.pk:
            raise Refused(_("Another person than the one who uploaded the list applies it."))
        if found.fault_count:
            raise Refused(
                _("%s rows have faults; correct the list and upload it again.") % found.fault_count
            )
        if found.kind in OPENING:
            # No other list, award or merger changes a counter between the look and the entry.
            money.lock_pools(city_code=found.city_id)
        _refuse_repetition(found)
        _look_again(found)
        # Marked first: the money functions open the books for a list that was taken, and no other.
        found.state, found.applied_by, found.applied_at = ImportState.APPLIED, user, timezone.now()
        found.save(update_fields=["state", "applied_by", "applied_at"])
        parties, opened = take_parties(found, user), take_openings(found, user)
        facts, entries = take_facts(found, user), take_entries(found, user)
        registry.refresh(city=found.city_id, parties=_touched(found))
        listed = take_listings(found)
        counts = {"opened": opened} if opened else {}
        counts |= {"listed": listed} if found.kind == ImportKind.CREDIT else {}
        _note(
            found, "registry.applied", user, parties=parties, facts=facts, entries=entries, **counts
        )
    return found


def _refuse_repetition(found: RegistryImport) -> None:
    same = RegistryImport.objects.filter(
        city=found.city_id, kind=found.kind, sha256=found.sha256, state=ImportState.APPLIED
    ).first()
    if same:
        told = {"day": timezone.localtime(same.applied_at).date().isoformat()}
        raise Conflict(_("This file was applied on %(day)s; nothing has changed.") % told)


def _look_again(found: RegistryImport) -> None:
    kept = list(found.rows.order_by("number").values_list("number", "values"))
    keys = list(dict.fromkeys(key for _n, values in kept for key in _flat(values)))
    columns = columns_of(found.kind, keys, found.city_id)
    cells = [(number, [_flat(values).get(key, "") for key in keys]) for number, values in kept]
    rows = check_rows(kind=found.kind, city=found.city_id, columns=columns, rows=cells)
    wrong = [row for row in rows if row.problems]
    if wrong:
        told = [
            _("Row %(row)s: %(problem)s")
            % {"row": row.number, "problem": "; ".join(map(heard, row.problems.values()))}
            for row in wrong[:MOST_TOLD]
        ]
        raise Conflict([_("The house has changed since; upload the list again."), *told])


def _flat(values: dict[str, object]) -> dict[str, str]:
    facts = values.get("facts", {})
    plain = {key: str(value) for key, value in values.items() if key != "facts"}
    return plain | (facts if isinstance(facts, dict) else {})


def discard(*, import_id: int, user: User) -> RegistryImport:
    with transaction.atomic():
        found = _waiting(import_id)
        found.state = ImportState.DISCARDED
        found.save(update_fields=["state"])
        _note(found, "registry.discarded", user)
    return found


def _waiting(import_id: int) -> RegistryImport:
    found = (
        RegistryImport.objects.select_for_update(of=("self",))
        .select_related("city", "bureau")
        .get(pk=import_id)
    )
    if found.state != ImportState.PREVIEWED:
        raise Conflict(
            _("The list is now “%(state)s”; reload the page.")
            % {"state": found.get_state_display()}
        )
    return found


def _touched(found: RegistryImport) -> list[int]:
    codes = list(found.rows.values_list("values__uscc", flat=True))
    return list(Party.objects.filter(uscc__in=codes).values_list("pk", flat=True))


def _note(found: RegistryImport, kind: str, user: User, **counts: int) -> None:
    record(
        kind=kind,
        subject=f"import:{found.pk}",
        actor=user,
        city=found.city,
        reason=found.source,
        data={"file": found.file_name, "sha256": found.sha256, "rows": found.row_count}
        | {"faults": found.fault_count}
        | counts,
    )
