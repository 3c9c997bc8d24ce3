"""What an event of a case was about: bureaus, positions, facts before and after, amounts, cuts."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.models import Document, Event, User
from applicants.templatetags.huiqi import pick, yuan
from incentives.models import Bureau
from incentives.presenters.words import value_of
from reviews.domain.assessing import rules
from reviews.domain.publicity_checks import SAYS
from reviews.domain.queries import cases_answered_for
from reviews.models import Application, Defect, Determination, Objection, Opinion, PublicityItem
from reviews.models.supplement import DefectKind
from reviews.models.task import Position
from reviews.presenters.decisions import cut_words
from reviews.presenters.explanation import choice_name
from reviews.presenters.history_entry import Entry

POSITIONS = dict(Position.choices)
LAID = {
    "opinion": gettext_lazy("attachment of an opinion"),
    "minutes": gettext_lazy("minutes"),
    "objection": gettext_lazy("attachment of an objection"),
    "reconsideration": gettext_lazy("attachment of a reconsideration"),
}


class Beside:
    """What stands beside the events of a case, read once: one query each."""

    def __init__(self, case: Application, user: User) -> None:
        self.case, self.rules = case, rules(case)
        self.bureaus = {one.code: str(one) for one in Bureau.objects.filter(city=case.city_id)}
        self.facts = {fact.key: fact for fact in case.facts.all()}
        self.defects = list(case.defects.order_by("id"))
        self.determinations = list(case.determinations.order_by("number"))
        self.opinions = list(_opinions(case))
        self.items = list(_items(case))
        answering = cases_answered_for(user).filter(pk=case.pk).exists()
        self.objections = {one.number: one for one in _objections(case)} if answering else {}

    def label(self, key: str) -> str:
        fact = self.rules.facts.get(key)
        return pick(fact.label) if fact else key

    def value(self, key: str, value: Any) -> str:
        fact = self.rules.facts.get(key)
        return value_of(fact, value) if fact else str(value)


def _opinions(case: Application) -> Any:
    rows = Opinion.objects.filter(task__application=case, approved_by__isnull=False)
    found = rows.select_related("task__bureau", "resolution__document").order_by("approved_at")
    return found.prefetch_related("papers__document")


def _items(case: Application) -> Any:
    return PublicityItem.objects.filter(application=case).select_related("notice").order_by("id")


def _objections(case: Application) -> Any:
    found = Objection.objects.filter(item__application=case)
    return found.select_related("document").order_by("id")


def fill(case: Application, user: User, pairs: Sequence[tuple[Event, Entry]]) -> None:
    """Add to each entry what its event was about."""
    beside = Beside(case, user)
    times: dict[str, int] = {}
    for event, entry in pairs:
        serial = times[event.kind] = times.get(event.kind, -1) + 1
        entry.lines += [
            *_who(event, beside),
            *_sums(event),
            *_numbers(event, beside),
            *_doubted(event),
        ]
        if event.kind in DETAILS:
            entry.lines += DETAILS[event.kind](beside, serial)
        entry.papers += _papers(event, beside)


def _who(event: Event, beside: Beside) -> Iterator[str]:
    for key in ("bureau", "of"):
        if event.data.get(key) in beside.bureaus:
            yield beside.bureaus[event.data[key]]
    if event.data.get("position") in POSITIONS:
        yield str(POSITIONS[event.data["position"]])
    if event.data.get("payee"):
        yield _("payee: %s") % event.data["payee"]
    if event.kind == "document.read":
        laid = LAID.get(event.data.get("laid", ""))
        yield str(laid) if laid else beside.label(event.data.get("fact", ""))


def _sums(event: Event) -> Iterator[str]:
    """In yuan; with each cap that cut the sum."""
    data = event.data
    if "amount" in data:
        yield yuan(data["amount"])
    if "assessed" in data and "granted" in data:
        told = {"assessed": yuan(data["assessed"]), "granted": yuan(data["granted"])}
        yield _("assessed %(assessed)s, granted %(granted)s") % told
    for cut in data.get("cuts") or []:
        yield cut_words(cut)


def _numbers(event: Event, beside: Beside) -> Iterator[str]:
    number = event.data.get("objection")
    if number:
        yield str(number)
    if event.kind.startswith("letter.") and event.data.get("number"):
        yield str(event.data["number"])
    if event.kind == "objection.filed" and number in beside.objections:
        yield beside.objections[number].text


def _papers(event: Event, beside: Beside) -> list[Document]:
    if event.kind == "opinion.given":
        same = [one for one in beside.opinions if one.approved_at and one.approved_at <= event.at]
        given = [one for one in same if one.task.bureau.code == event.data.get("bureau")]
        return [paper.document for paper in given[-1].papers.all()] if given else []
    if event.kind in ("objection.resolved", "opinion.answered"):
        return _minutes(event, beside)
    objection = beside.objections.get(event.data.get("objection", ""))
    if event.kind == "objection.filed" and objection and objection.document:
        return [objection.document]
    return []


def _minutes(event: Event, beside: Beside) -> list[Document]:
    """Of the answer that the event tells of: the bureau's newest until then."""
    of = [one for one in beside.opinions if one.task.bureau.code == event.data.get("bureau")]
    answers = [getattr(one, "resolution", None) for one in of]
    given = [one for one in answers if one and one.resolved_at <= event.at]
    last = max(given, key=lambda one: one.resolved_at, default=None)
    return [last.document] if last and last.document else []


def _filed(beside: Beside, serial: int) -> list[str]:
    """The facts as first filed: what a supplement changed is what it was before."""
    before: dict[str, Any] = {}
    for one in beside.defects:
        if one.kind == DefectKind.FACT and one.answered_at:
            before.setdefault(one.fact_key, one.before)
    return [
        _("%(fact)s: %(value)s")
        % {
            "fact": beside.label(key),
            "value": beside.value(key, before.get(key, fact.declared)),
        }
        for key, fact in beside.facts.items()
    ]


def _supplemented(beside: Beside, serial: int) -> list[str]:
    """What became of each fact that the last return asked for."""
    return [_changed(beside, one) for one in _round(beside, serial) if _answered(one)]


def _answered(one: Defect) -> bool:
    return one.kind == DefectKind.FACT and one.answered_at is not None


def _round(beside: Beside, serial: int) -> list[Defect]:
    return [one for one in beside.defects if one.round == serial + 1]


def _changed(beside: Beside, one: Defect) -> str:
    before, after = (beside.value(one.fact_key, side) for side in (one.before, one.after))
    words = _("%(fact)s: %(before)s, now %(after)s") if before != after else _("%(fact)s: kept")
    return words % {"fact": beside.label(one.fact_key), "before": before, "after": after}


def _confirmed(beside: Beside, serial: int) -> list[str]:
    """Where the last confirmation differs from what was declared."""
    differing = [
        fact
        for fact in beside.facts.values()
        if fact.confirmed is not None and fact.confirmed != fact.declared
    ]
    words = _("%(fact)s: declared %(before)s, confirmed %(after)s")
    return [
        words
        % {
            "fact": beside.label(fact.key),
            "before": beside.value(fact.key, fact.declared),
            "after": beside.value(fact.key, fact.confirmed),
        }
        for fact in differing
    ]


def _proposed(beside: Beside, serial: int) -> list[str]:
    if serial >= len(beside.determinations):
        return []
    found: Determination = beside.determinations[serial]
    lines = [f"{found.get_outcome_display()} · {yuan(found.assessed)}"]
    if found.assessed == Decimal(0):
        lines = [found.get_outcome_display()]
    lines += [
        _("%(fact)s: %(value)s") % {"fact": choice_name(name), "value": value}
        for name, value in found.choices.items()
    ]
    return [*lines, *([found.terms] if found.terms else [])]


def _published(beside: Beside, serial: int) -> list[str]:
    if serial >= len(beside.items):
        return []
    item = beside.items[serial]
    days = f"{item.notice.starts_on.isoformat()} – {item.notice.ends_on.isoformat()}"
    return [_("notice %s") % item.notice.number, days, yuan(item.amount)]


def _doubted(event: Event) -> Iterator[str]:
    if event.kind == "publicity.confirmed":
        yield str(SAYS.get(event.data["doubt"], event.data["doubt"]))
        yield from event.data["others"]


DETAILS: dict[str, Callable[[Beside, int], list[str]]] = {
    "case.submitted": _filed,
    "case.supplemented": _supplemented,
    "case.facts_confirmed": _confirmed,
    "determination.proposed": _proposed,
    "case.published": _published,
}
