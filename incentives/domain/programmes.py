"""A programme as the rest of the house sees it: rules, parsed once, and settings in force."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from incentives.models import Programme, ProgrammeVersion, Setting
from incentives.policy import programme as language
from incentives.policy.overrides import read_settings
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import InputError

MOST_KEPT = 2048
Key = tuple[str, int]
_parsed: dict[Key, Rules] = {}


def rules_of(version: ProgrammeVersion) -> Rules:
    """Parsed once in a process; two threads at once may both parse it, which harms nothing."""
    key = (version.digest, version.pk)
    return _parsed.get(key) or _read([key])[key]


def warm(versions: Iterable[ProgrammeVersion]) -> None:
    """Parse the rules of many versions, reading those that are missing in one query."""
    keys = [(version.digest, version.pk) for version in versions]
    _read([key for key in keys if key not in _parsed])


def _read(keys: Sequence[Key]) -> dict[Key, Rules]:
    wanted = {pk: digest for digest, pk in keys}
    rows = ProgrammeVersion.objects.filter(pk__in=wanted) if wanted else []
    read = {
        (wanted[row.pk], row.pk): language.programme_from_json(json.loads(row.definition))
        for row in rows
    }
    if len(_parsed) + len(read) > MOST_KEPT:
        _parsed.clear()
    _parsed.update(read)
    return read


def settings_of(programme: Programme, version: ProgrammeVersion | None = None) -> dict[str, Any]:
    """What the city has set of the parameters and assumptions of a version (none: the one
    in force).

    Of each the newest value that these rules can read: what was set for a later wording says
    nothing about cases that were started on an earlier one.
    """
    rules = rules_of(version or programme.current)
    rows = Setting.objects.filter(
        city=programme.city_id,
        programme=programme,
        key__in=[*rules.parameters, *rules.assumptions],
    )
    found: dict[str, Any] = {}
    for key, value in rows.order_by("-id").values_list("key", "value"):
        if key not in found and _can_be_read(rules, key, value):
            found[key] = value
    return found


def _can_be_read(rules: Rules, key: str, value: Any) -> bool:
    try:
        read_settings(rules, {key: value})
    except InputError:
        return False
    return True
