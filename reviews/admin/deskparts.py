"""What the page of a case shows of its work and its notes, and the forms of both."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from reviews.domain import assignments, notes
from reviews.domain.handovers import WAITING
from reviews.domain.roles import roles_of
from reviews.models import Application, ReviewTask


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note to the reviewers of the case"),
        help_text=_("The applicant never sees it. Write @ and a name, or choose below."),
        max_length=notes.MOST,
        widget=forms.Textarea(attrs={"rows": 3, "data-mentions": "note-people"}),
    )
    mentions = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Tell"), required=False, widget=forms.SelectMultiple
    )

    def __init__(self, *args: Any, case: Application, user: User, **more: Any) -> None:
        super().__init__(*args, **more | {"prefix": "note"})
        people: Any = self.fields["mentions"]
        people.queryset = notes.staff_seeing(case).exclude(pk=user.pk)

    def take(self, refused: ValidationError | PermissionDenied) -> None:
        """Show what the verb refused beside its field."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, getattr(refused, "messages", [str(refused)]))
            return
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            self.add_error(name if name in self.fields else None, said)


class HandForm(forms.Form):
    """To whom a task passes; nobody chosen lays it back on the bureau's table."""

    to = forms.ModelChoiceField(
        User.objects.none(), label=_("To whom"), required=False, empty_label=_("back to the bureau")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, task: ReviewTask, **more: Any) -> None:
        super().__init__(*args, **more | {"prefix": f"task-{task.pk}"})
        people: Any = self.fields["to"]
        people.queryset = assignments.candidates(task)


def parts(case: Application, user: User, note: NoteForm | None = None) -> dict[str, Any]:
    """What the page shows of it, with the forms that this person may fill in."""
    writing = notes.may_write(case, user)
    form = note or (NoteForm(case=case, user=user) if writing else None)
    hats = _hats(user)
    people = form.fields["mentions"].queryset if form else []  # type: ignore[attr-defined]
    return {
        "work": [_line(task, user, hats.get(task.bureau_id, set())) for task in _tasks(case)],
        "notes": list(notes.notes_of(case)),
        "note_form": form,
        "note_people": [str(one) for one in people],
    }


def _tasks(case: Application) -> Any:
    tasks = case.tasks.filter(state__in=WAITING).select_related("bureau", "assignee")
    return tasks.order_by("due_on", "id")


def _hats(user: User) -> dict[int | None, set[str]]:
    """The roles that the person may act with, by bureau."""
    held: dict[int | None, set[str]] = {}
    for bureau, role in roles_of(user).values_list("bureau", "role"):
        held.setdefault(bureau, set()).add(role)
    return held


def _line(task: ReviewTask, user: User, held: set[str]) -> dict[str, Any]:
    gives_out = bool(held & set(assignments.chiefs(task.kind)))
    hands = gives_out or task.assignee_id == user.pk
    return {
        "task": task,
        "takes": task.assignee is None and bool(held & set(assignments.doers(task.kind))),
        "gives_back": hands and not gives_out and task.assignee is not None,
        "form": HandForm(task=task) if gives_out else None,
    }
