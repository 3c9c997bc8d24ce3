"""The readings of an assumption in words: its own first, then those that many programmes share."""

from collections.abc import Mapping

from .programme import Programme
from .questions import ChoiceFact
from .settings import Reading
from .text import Text, join, text

SHARED: Mapping[str, Text] = {
    "highest": text("合计不超过最高的一项", "together never more than the highest"),
    "warn": text("可以兼得并提示", "both, with a warning"),
    "once": text("只享受一次", "only once"),
    "life": text("全周期", "for life"),
    "year": text("每年", "each year"),
    "applicant": text("申报单位", "the applicant"),
    "subject": text("对象", "the subject"),
}


def words_of(programme: Programme, name: str, reading: Reading) -> Text:
    """A number or a date, and a code that has no words anywhere, stays as it is written."""
    parts = (reading,) if isinstance(reading, str) else reading
    says = programme.assumptions[name].says
    return join((says.get(p) or _shared(programme, p) for p in parts), "、", ", ")


def _shared(programme: Programme, part: str) -> Text:
    fact = programme.scope.get(part if part != "subject" else programme.roles.subject or "")
    if fact:
        return fact.label
    options = (f.of for f in programme.scope.values() if isinstance(f, ChoiceFact))
    named = next((found[part] for found in options if part in found), None)
    return named or SHARED.get(part) or text(part, part)
