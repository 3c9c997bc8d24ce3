"""The desk's own steps on the page of a case: hand its tasks on, write a note to its reviewers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from reviews.admin import casepage
from reviews.admin.access import person
from reviews.admin.deskparts import HandForm, NoteForm, parts
from reviews.admin.views import CASE, case_seen_by
from reviews.domain import assignments, notes
from reviews.models import ReviewTask


def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    """What is refused comes back as it was typed."""
    case, user = case_seen_by(request, pk), person(request)
    if request.method != "POST":
        return redirect(CASE, pk)
    form = NoteForm(request.POST, case=case, user=user)
    if form.is_valid() and _written(form, request, pk):
        messages.success(request, _("The note stands with the case."))
        return redirect(f"{reverse(CASE, args=[pk])}#notes")
    return casepage.page(request, case, desk=parts(case, user, form))


def _written(form: NoteForm, request: HttpRequest, pk: int) -> bool:
    try:
        notes.write_note(case_id=pk, user=person(request), **form.cleaned_data)
    except (ValidationError, PermissionDenied) as refused:
        form.take(refused)
        return False
    return True


def hand(request: HttpRequest, pk: int, task: int, step: str) -> HttpResponse:
    """Take, assign or lay back one task of the case."""
    case = case_seen_by(request, pk)
    found = case.tasks.filter(pk=task).select_related("bureau", "application").first()
    if found is None or step not in ("take", "assign", "back"):
        raise Http404(step)
    if request.method == "POST":
        try:
            messages.success(request, _step(request, found, step))
        except (ValidationError, PermissionDenied) as refused:
            messages.error(request, _said(refused))
    return redirect(f"{reverse(CASE, args=[pk])}#work")


def _step(request: HttpRequest, task: ReviewTask, step: str) -> str:
    user = person(request)
    if step == "take":
        assignments.take(task_id=task.pk, user=user)
        return _("The task is yours.")
    form = HandForm(request.POST, task=task)
    if not form.is_valid():
        raise ValidationError(_complaints(form))
    to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
    if to is None or step == "back":
        assignments.give_back(task_id=task.pk, reason=reason, user=user)
        return _("The task lies with the bureau again.")
    assignments.assign(task_id=task.pk, to=to, reason=reason, user=user)
    return _("The task is with %s now.") % to


def _complaints(form: forms.Form) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


def _said(refused: ValidationError | PermissionDenied) -> str:
    return " ".join(refused.messages) if hasattr(refused, "messages") else str(refused)


def urls(view: Any) -> list[URLPattern]:
    return [
        path("<int:pk>/notes/", view(add_note), name="case_note"),
        path("<int:pk>/tasks/<int:task>/<slug:step>/", view(hand), name="case_task"),
    ]
