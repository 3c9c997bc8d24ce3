"""The preview of a list, faults first; and the page of a record with where its values come from."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from applicants.models import ProfileFact
from incentives.domain.language import chosen
from incentives.domain.openings import OPENING
from incentives.domain.registry_columns import FACTLESS, FIXED, HIDDEN
from incentives.domain.registry_keys import Offered, offered_facts
from incentives.domain.registry_words import heard
from incentives.models import ImportRow, RegistryImport, RegistryRecord
from incentives.models.registry import ImportKind, ImportState
from incentives.presenters.words import value_of
from reviews.admin.access import RoleAdmin, holds
from reviews.admin.money_pages import WATCHING, render
from reviews.admin.paging import KeysetList
from reviews.domain.reversing import living
from reviews.models.staff import Role

ROWS = 50


def preview(request: HttpRequest, found: RegistryImport) -> dict[str, Any]:
    """A page of rows: those with faults, or all of them; each fault beside its column."""
    only_faults = request.GET.get("rows", "faults" if found.fault_count else "all") == "faults"
    after = request.GET.get("after", "")
    rows = ImportRow.objects.filter(of=found, number__gt=int(after) if after.isdecimal() else 0)
    if only_faults:
        rows = rows.exclude(problems={})
    page = list(rows.order_by("number")[: ROWS + 1])
    labels = _labels(found)
    opened = found.kind in OPENING and found.state == ImportState.APPLIED
    reversals = living(page[:ROWS]) if opened else {}
    return {
        "only_faults": only_faults,
        "rows": [_told(row, labels) | {"reversal": reversals.get(row.pk)} for row in page[:ROWS]],
        "opens_entries": holds(request, WATCHING),
        "reverses": opened and holds(request, (Role.FINANCE_PREPARER,)),
        "after": page[ROWS - 1].number if len(page) > ROWS else None,
        "paged": after.isdecimal(),
    }


def _labels(found: RegistryImport) -> dict[str, str]:
    fixed = {key: str(one.label) for key, one in FIXED[ImportKind(found.kind)].items()}
    facts = offered_facts(found.city_id) if found.kind not in FACTLESS else {}
    return fixed | {key: name_of(one) for key, one in facts.items()} | {"row": str(_("row"))}


def name_of(offered: Offered) -> str:
    """A fact's label; one that a single programme asks for with that programme's title."""
    label = chosen(offered.fact.label)
    rules = offered.programme
    return label if rules is None else f"{label}（{chosen(rules.title)}）"


def _told(row: ImportRow, labels: dict[str, str]) -> dict[str, Any]:
    flat = {**row.values, **row.values.get("facts", {})}
    flat.pop("facts", None)
    faults = [
        {"label": labels.get(key, key), "says": heard(problem)}
        for key, problem in row.problems.items()
    ]
    values = [
        (labels.get(key, key), value)
        for key, value in flat.items()
        if value and key not in row.problems and key not in ("uscc", "name", *HIDDEN)
    ]
    return {
        "pk": row.pk,
        "number": row.number,
        "uscc": flat.get("uscc", ""),
        "name": flat.get("name", ""),
        "faults": faults,
        "values": values,
    }


@admin.register(RegistryRecord)
class RegistryRecordAdmin(RoleAdmin):
    seen_by = (Role.POLICY_EDITOR, Role.AUDITOR, Role.PREPARER, Role.APPROVER)
    change_list_template = "admin/keyset_list.html"
    list_display = ("party", "code", "kind_shown", "district", "fact_count", "refreshed_at")
    list_select_related = ("party", "district")
    search_fields = ("party__name", "party__uscc")
    search_help_text = _("A part of the name, or of the credit code.")

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    @admin.display(description=_("unified social credit code"))
    def code(self, record: RegistryRecord) -> str:
        return record.party.uscc or ""

    @admin.display(description=_("kind"))
    def kind_shown(self, record: RegistryRecord) -> str:
        return record.party.get_kind_display()

    @admin.display(description=_("facts known"))
    def fact_count(self, record: RegistryRecord) -> int:
        return len(record.facts)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if not object_id.isdecimal() or request.method != "GET":
            raise Http404(object_id)
        rows = self.get_queryset(request).select_related("party", "district", "city")
        record = get_object_or_404(rows, pk=int(object_id))
        context = {"title": str(record), "record": record, "facts": _known(record)}
        return render(self, request, "registryrecord/record", context)


def _known(record: RegistryRecord) -> list[dict[str, Any]]:
    offered = offered_facts(record.city_id)
    newest = ProfileFact.objects.filter(party=record.party_id).order_by("key", "-id")
    sources = {fact.key: fact for fact in newest.distinct("key")}
    return [
        {
            "label": name_of(offered[key]) if key in offered else key,
            "value": value_of(offered[key].fact, value) if key in offered else value,
            "source": sources[key].get_source_display() if key in sources else "",
            "as_of": sources[key].as_of if key in sources else None,
        }
        for key, value in sorted(record.facts.items())
    ]
