"""Overdue work by bureau, for the coordinating office and for auditors."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from reviews.admin.access import RoleAdmin, person
from reviews.domain.overdue import LISTED, SEEN_BY, by_bureau, of_bureau
from reviews.models import ReviewTask


@admin.register(ReviewTask)
class OverdueAdmin(RoleAdmin):
    seen_by = SEEN_BY

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        user, wanted = person(request), request.GET.get("bureau", "")
        rows = by_bureau(user)
        chosen = next((row.bureau for row in rows if str(row.bureau.pk) == wanted), None)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": _("Overdue work by bureau"),
            "rows": rows,
            "chosen": chosen,
            "listed": LISTED,
            "tasks": of_bureau(user, chosen.pk) if chosen else [],
        }
        return TemplateResponse(request, "admin/reviews/reviewtask/overdue.html", context)
