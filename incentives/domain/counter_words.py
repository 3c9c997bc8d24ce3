"""Counters in words: a key such as `cap:<programme>:<cap>:applicant=17:2026`, as it is said."""

from collections.abc import Iterable
from urllib.parse import unquote

from django.utils.translation import gettext as _

from applicants.models import Party
from incentives.domain.language import chosen
from incentives.domain.programmes import rules_of
from incentives.models import Budget, Counter, Pool, Programme
from incentives.models.counter import CounterKind


def labels(counters: Iterable[Counter]) -> dict[int, str]:
    """A line for each counter, by its id: what it limits, for whom or what, and in which year."""
    rows = list(counters)
    parties = _parties(rows)
    return {row.pk: _label(row, parties) for row in rows}


def _label(counter: Counter, parties: dict[str, str]) -> str:
    kind, name, *rest = counter.key.split(":")
    if counter.kind == CounterKind.POOL:
        return _pool(counter, name, rest)
    if counter.kind == CounterKind.BUDGET:
        return str(Budget.objects.select_related("fund", "programme").get(pk=name))
    if kind == CounterKind.EVENT:
        return " · ".join([_("same event"), name, *unquote(rest[0]).split("|")])
    said = [_part(part, parties) for part in rest[1:]]
    return " · ".join([*_cap(counter.city_id, name, rest[0]), *said])


def _pool(counter: Counter, code: str, rest: list[str]) -> str:
    pool = Pool.objects.filter(city=counter.city_id, code=code, year=rest[0]).first()
    return str(pool) if pool else counter.key


def _cap(city: str, code: str, cap_id: str) -> list[str]:
    programme = Programme.objects.filter(city=city, code=code).first()
    if programme is None:
        return [code, cap_id]
    caps = {cap.id: cap for cap in rules_of(programme.current).caps}
    return [programme.title, chosen(caps[cap_id].label) if cap_id in caps else cap_id]


def _part(part: str, parties: dict[str, str]) -> str:
    role, found, value = part.partition("=")
    if not found:
        return part
    return parties.get(value, value) if role in ("applicant", "payee") else unquote(value)


def _parties(counters: list[Counter]) -> dict[str, str]:
    parts = [part.partition("=") for row in counters for part in row.key.split(":")]
    ids = {v for role, _is, v in parts if role in ("applicant", "payee") and v.isdecimal()}
    return {
        str(pk): name for pk, name in Party.objects.filter(pk__in=ids).values_list("pk", "name")
    }
