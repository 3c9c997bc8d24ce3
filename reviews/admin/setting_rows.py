"""What can be set for a programme or a city, with the value in force and where it comes from."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from applicants.templatetags.huiqi import pick
from incentives.domain.programmes import rules_of
from incentives.domain.readings import reading_words
from incentives.domain.setting_values import written
from incentives.domain.settings import declared
from incentives.models import Programme, Setting
from incentives.policy.programme import Programme as Rules
from reviews.domain.workflows import KEY
from reviews.presenters.workflows import choice_words

FROM_FILE = _("from the file")


@dataclass(frozen=True)
class SettingRow:
    key: str
    label: str
    shown: str
    origin: str | Promise
    query: str


def rows_of(programme: Programme) -> list[SettingRow]:
    """Parameters and readings of the rules, then periods and the window."""
    rules = rules_of(programme.current)
    own, city = _newest(programme.city, programme), _newest(programme.city, None)
    rows = [
        _row(programme, key, pick(parameter.label), own.get(key, Unset(parameter.value)))
        for key, parameter in rules.parameters.items()
    ]
    rows += [
        _row(
            programme,
            key,
            pick(taken.question),
            _in_words(programme, rules, key, own.get(key, Unset(taken.reading))),
        )
        for key, taken in rules.assumptions.items()
    ]
    return rows + [
        _row(programme, key, pick(entry.label), own.get(key) or _of_city(city, key, entry.default))
        for key, entry in declared().items()
    ]


def city_rows(city: City) -> list[SettingRow]:
    own = _newest(city, None)
    return [
        _row(city, key, pick(entry.label), own.get(key, Unset(entry.default)))
        for key, entry in declared().items()
    ]


@dataclass(frozen=True)
class Unset:
    """A value that nobody has set: what the file says."""

    value: Any
    origin: str | Promise = FROM_FILE


@dataclass(frozen=True)
class Kept:
    value: Any
    origin: str


def _in_words(programme: Programme, rules: Rules, key: str, found: Kept | Unset) -> Kept | Unset:
    reading = found.value if isinstance(found.value, str) else tuple(found.value)
    words = reading_words(city=programme.city, rules=rules, name=key, reading=reading)
    return replace(found, value=pick(words))


def _newest(city: City, programme: Programme | None) -> dict[str, Kept]:
    rows = Setting.objects.filter(city=city, programme=programme).order_by("key", "-id")
    return {row.key: Kept(row.value, row.basis) for row in rows.distinct("key")}


def _of_city(city: dict[str, Kept], key: str, default: Any) -> Kept | Unset:
    if key not in city:
        return Unset(default, _("usual value"))
    return Unset(city[key].value, _("from the city"))


def _row(owner: Programme | City, key: str, label: str, found: Any) -> SettingRow:
    query = {"key": key, "city": owner.pk}
    if isinstance(owner, Programme):
        query = {"key": key, "city": owner.city_id, "programme": owner.pk}
    value = choice_words(found.value) if key == KEY else written(_plain(found.value))
    return SettingRow(key, label, value or _now("not set"), found.origin, urlencode(query))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
