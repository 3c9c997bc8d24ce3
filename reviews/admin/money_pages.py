"""What the pages of paying, pools and the ledger share."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from applicants.templatetags.huiqi import yuan
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
WATCHING = (*FINANCE, Role.AUDITOR)


def render(
    model_admin: "admin.ModelAdmin[Any]", request: HttpRequest, page: str, context: dict[str, Any]
) -> HttpResponse:
    """A page of a model's own under templates/admin/incentives/."""
    whole = model_admin.admin_site.each_context(request) | {"opts": model_admin.opts} | context
    return TemplateResponse(request, f"admin/incentives/{page}.html", whole)


def sum_of(field: str, words: Any) -> Callable[[Any], str]:
    """A column of a list: an amount in yuan, as the pages write it."""

    def shown(row: Any) -> str:
        amount = getattr(row, field)
        return "—" if amount is None else str(yuan(amount))

    shown.__name__ = field
    shown.short_description = words  # type: ignore[attr-defined]
    return shown


def tell_refusal(request: HttpRequest, refused: ValidationError | PermissionDenied) -> None:
    """Say above the page what a verb refused."""
    told = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
    for message in told:
        messages.error(request, message)
