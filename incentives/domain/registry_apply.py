"""What a faultless list becomes: parties, profile facts and register entries, set by set."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from applicants.domain.numbering import next_numbers
from applicants.models import Event, Party, User
from incentives.domain.enterprise_size import SIZE_NAME, SIZE_TITLE, SIZES
from incentives.domain.registers import SERIES
from incentives.domain.registry_recognitions import Titles
from incentives.models import RegisterEntry, RegisterStep
from incentives.models.register import EntryKind, EntryState
from incentives.models.registry import ImportKind, RegistryImport
from incentives.policy.text import Text, text

AT_ONCE = 2000
ENTERED = "register.enter"

PARTIES = """
INSERT INTO applicants_party (kind, name, uscc, district_id, identity_last4, address, phone,
                              created_at)
SELECT r."values" ->> 'kind', r."values" ->> 'name', r."values" ->> 'uscc', d.id, '', '', '',
       %(now)s
  FROM incentives_importrow r
  JOIN applicants_district d ON d.city_id = %(city)s AND d.code = r."values" ->> 'district'
 WHERE r.of_id = %(import)s
   AND NOT EXISTS (SELECT 1 FROM applicants_party p WHERE p.uscc = r."values" ->> 'uscc')
 ORDER BY r.number
    ON CONFLICT (uscc) DO NOTHING
RETURNING id
"""

DISTRICTS = """
UPDATE applicants_party p SET district_id = d.id
  FROM incentives_importrow r
  JOIN applicants_district d ON d.city_id = %(city)s AND d.code = r."values" ->> 'district'
 WHERE r.of_id = %(import)s AND p.uscc = r."values" ->> 'uscc' AND p.district_id IS NULL
"""

FACTS = """
INSERT INTO applicants_profilefact (party_id, key, value, source, as_of, recorded_by_id,
                                    recorded_at)
SELECT p.id, v.key, v.value, 'imported', %(as_of)s, %(user)s, %(now)s
  FROM incentives_importrow r
  JOIN applicants_party p ON p.uscc = r."values" ->> 'uscc'
 CROSS JOIN LATERAL jsonb_each(r."values" -> 'facts') v
  LEFT JOIN LATERAL (SELECT f.value, f.source FROM applicants_profilefact f
                      WHERE f.party_id = p.id AND f.key = v.key ORDER BY f.id DESC LIMIT 1
                    ) newest ON true
 WHERE r.of_id = %(import)s
   AND (newest.value IS DISTINCT FROM v.value OR newest.source = 'declared')
 ORDER BY r.number, v.key
"""
"""A value that only the applicant has declared so far is borne out by the list: written too."""


def take_parties(found: RegistryImport, user: User) -> int:
    """Enter the organisations that nobody has registered yet; they have no members."""
    if found.kind != ImportKind.FACTS:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(PARTIES, _told(found, user))
        entered = [row[0] for row in cursor.fetchall()]
        cursor.execute(DISTRICTS, _told(found, user))
    Event.objects.bulk_create(
        (
            Event(kind="party.imported", subject=f"party:{pk}", actor=user, city=found.city,
                  reason=found.source, data={"import": found.pk})
            for pk in entered
        ),
        batch_size=AT_ONCE,
    )  # fmt: skip
    return len(entered)


def take_facts(found: RegistryImport, user: User) -> int:
    if found.kind != ImportKind.FACTS:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FACTS, _told(found, user))
        return int(cursor.rowcount)


def _told(found: RegistryImport, user: User) -> dict[str, Any]:
    return {
        "import": found.pk,
        "city": found.city_id,
        "as_of": found.as_of,
        "user": user.pk,
        "now": timezone.now(),
    }


def take_entries(found: RegistryImport, user: User) -> int:
    """Enter the recognitions that do not stand in the register yet."""
    if found.kind != ImportKind.RECOGNITIONS:
        return 0
    rows = list(found.rows.order_by("number").values_list("values", flat=True))
    codes = {row["uscc"] for row in rows}
    holders = dict(Party.objects.filter(uscc__in=codes).values_list("uscc", "pk"))
    standing = _standing(list(holders.values()))
    new = [row for row in rows if _same(row, holders) not in standing]
    numbers = _numbers(found, new)
    titles = Titles(found.city_id)
    entries = RegisterEntry.objects.bulk_create(
        [_entry(found, row, holders, numbers, titles, user) for row in new], batch_size=AT_ONCE
    )
    _write_steps(found, entries, user)
    return len(entries)


def _same(row: Mapping[str, str], holders: Mapping[str | None, int]) -> tuple[object, ...]:
    keys = ("title", "level", "from", "subject")
    return (holders[row["uscc"]], *(row.get(key, "") for key in keys))


def _standing(parties: list[int]) -> set[tuple[object, ...]]:
    rows = RegisterEntry.objects.filter(party__in=parties)
    found = rows.values_list("party", "title", "level", "starts_on", "subject")
    return {(party, title, level, on.isoformat(), of) for party, title, level, on, of in found}


def _numbers(found: RegistryImport, rows: list[dict[str, str]]) -> dict[int, int]:
    """Of each year the first number to give to entries that bring none."""
    years = Counter(_year(row) for row in rows if not row.get("number"))
    series = f"register-{SERIES[EntryKind.TITLE]}"
    return {
        year: next_numbers(city=found.city, series=series, year=year, count=count)[0]
        for year, count in sorted(years.items())
    }


def _year(row: Mapping[str, str]) -> int:
    return int(row["from"][:4])


def _entry(
    found: RegistryImport,
    row: dict[str, str],
    holders: Mapping[str | None, int],
    numbers: dict[int, int],
    titles: Titles,
    user: User,
) -> RegisterEntry:
    version, rules = titles.versions.get(row["title"]), titles.rules(row["title"])
    label = (rules.outcome.label or rules.title) if rules else None
    label = _size_label(row["level"]) if row["title"] == SIZE_TITLE else label
    ends_on = date.fromisoformat(row["until"]) if row.get("until") else None
    over = ends_on is not None and ends_on < timezone.localdate()
    return RegisterEntry(
        city=found.city,
        kind=EntryKind.TITLE,
        title=row["title"],
        programme_id=version.programme_id if version else None,
        number=row.get("number") or _next(found, _year(row), numbers),
        label_zh=label.zh if label else row["title"],
        label_en=label.en if label else row["title"],
        level=row.get("level", ""),
        party_id=holders[row["uscc"]],
        subject=row.get("subject", ""),
        bureau=found.bureau,
        state=EntryState.EXPIRED if over else EntryState.IN_FORCE,
        starts_on=date.fromisoformat(row["from"]),
        ends_on=ends_on,
        source=found.source,
        entered_by=user,
    )


def _size_label(level: str) -> Text:
    size = SIZES[level]
    return text(f"{SIZE_NAME.zh}：{size.zh}", f"{SIZE_NAME.en}: {size.en}")


def _next(found: RegistryImport, year: int, numbers: dict[int, int]) -> str:
    serial = numbers[year]
    numbers[year] = serial + 1
    return f"{found.city.abbreviation}-{SERIES[EntryKind.TITLE]}-{year}-{serial:05d}"


def _write_steps(found: RegistryImport, entries: list[RegisterEntry], user: User) -> None:
    RegisterStep.objects.bulk_create(
        (
            RegisterStep(entry=entry, kind="enter", state=entry.state, on=entry.starts_on,
                         note=found.source, actor=user)
            for entry in entries
        ),
        batch_size=AT_ONCE,
    )  # fmt: skip
    Event.objects.bulk_create(
        (
            Event(kind=ENTERED, subject=f"register:{entry.number}", actor=user, city=found.city,
                  reason=found.source, data={"import": found.pk, "state": entry.state})
            for entry in entries
        ),
        batch_size=AT_ONCE,
    )  # fmt: skip
