"""The experts' pages: the cases that were drawn for one, and a sheet that is handed in once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.templatetags.huiqi import pick
from reviews.domain import rounds_sheets
from reviews.domain.assessing import declared_facts, rules
from reviews.domain.interests import has_conflict, has_declared, log_reading
from reviews.domain.rounds_scores import total
from reviews.models import ScoreSheet
from reviews.presenters.answers import answers
from reviews.views.doors import MemberRequest, problems_of

LIST = "reviews:scoring"


class DeclareForm(forms.Form):
    use_required_attribute = False

    conflict = forms.ChoiceField(
        label=_l("Have you an interest in this case?"),
        choices=(
            ("no", _l("No: no tie to the applicant, its staff or its competitors")),
            ("yes", _l("Yes: the case goes to the next expert in the draw")),
        ),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_l("What kind of conflict it is"), max_length=300, required=False
    )


class SheetForm(forms.Form):
    use_required_attribute = False

    def __init__(self, *args: Any, sheet: ScoreSheet, whole: bool, **more: Any) -> None:
        """A draft may lack scores; what is handed in is `whole`."""
        super().__init__(*args, **more)
        for one in sheet.round_case.round.criteria:
            self.fields[one["id"]] = forms.CharField(
                label=pick(one),
                required=whole,
                max_length=8,
                initial=sheet.scores.get(one["id"], ""),
                help_text=_("0 to %(most)s; weight %(weight)s of 100") % one,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )
        self.fields["comment"] = forms.CharField(
            label=_("Comment"),
            required=False,
            max_length=4000,
            initial=sheet.comment,
            help_text=_("Needed for a total below 60 or from 90 on."),
            widget=forms.Textarea(attrs={"rows": 5}),
        )

    def scores(self) -> dict[str, str]:
        return {key: said for key, said in self.cleaned_data.items() if key != "comment"}


@login_required
def scoring(request: MemberRequest) -> HttpResponse:
    sheets = list(rounds_sheets.sheets_of(request.user))
    context = {
        "lines": [
            {"sheet": one, "case": one.round_case.application, "open": rounds_sheets.is_open(one)}
            for one in sheets
        ]
    }
    return render(request, "scoring/list.html", context)


@login_required
def sheet(request: MemberRequest, pk: int) -> HttpResponse:
    """One case: the declaration first, then its contents and the sheet."""
    own = get_object_or_404(rounds_sheets.sheets_of(request.user), pk=pk)
    case = own.round_case.application
    declared = has_declared(case, request.user) and not has_conflict(case, request.user)
    if not rounds_sheets.is_open(own):
        return _page(request, own)
    whole = request.POST.get("step") != "save"
    form: forms.Form = SheetForm(request.POST or None, sheet=own, whole=whole)
    if not declared or request.POST.get("step") == "declare":
        form = DeclareForm(request.POST or None)
    try:
        if request.method == "POST" and form.is_valid() and _done(request, own, form):
            return redirect(LIST)
    except (Conflict, NotAllowed) as refused:
        messages.warning(request, " ".join(getattr(refused, "messages", [str(refused)])))
        return redirect(LIST)
    except Refused as refused:
        for name, problem in problems_of(refused).items():
            form.add_error(name if name in form.fields else None, problem)
    if request.method == "POST" and form.is_valid():
        return redirect("reviews:score", pk)
    return _page(request, own, form, declared=declared)


def _done(request: MemberRequest, own: ScoreSheet, form: forms.Form) -> bool:
    """Take the step; whether the sheet is off the table now."""
    if isinstance(form, DeclareForm):
        return _declared(request, own, form)
    assert isinstance(form, SheetForm)  # noqa: S101  # for the type
    given = {"scores": form.scores(), "comment": form.cleaned_data["comment"]}
    if request.POST.get("step") == "hand_in":
        rounds_sheets.hand_in(sheet_id=own.pk, user=request.user, **given)
        messages.success(request, _("Your sheet is handed in and stands."))
        return True
    rounds_sheets.save(sheet_id=own.pk, user=request.user, **given)
    messages.success(request, _("The draft is saved; nobody else sees it."))
    return False


def _declared(request: MemberRequest, own: ScoreSheet, form: forms.Form) -> bool:
    conflict = form.cleaned_data["conflict"] == "yes"
    rounds_sheets.declare(
        sheet_id=own.pk, user=request.user, conflict=conflict, reason=form.cleaned_data["reason"]
    )
    if conflict:
        messages.success(request, _("Thank you; another expert takes the case."))
    return conflict


def _page(
    request: MemberRequest,
    own: ScoreSheet,
    form: forms.Form | None = None,
    *,
    declared: bool = False,
) -> HttpResponse:
    case = own.round_case.application
    opens = declared and rounds_sheets.opens_to(own, request.user)
    if opens:
        log_reading(case, request.user, "scoring")
    criteria = own.round_case.round.criteria
    whole = all(one["id"] in own.scores for one in criteria)
    context = {
        "sheet": own,
        "case": case,
        "round": own.round_case.round,
        "form": form,
        "scores": isinstance(form, SheetForm),
        "answers": answers(case, rules(case), declared_facts(case)) if opens else [],
        "criteria": [(one, own.scores.get(one["id"], "")) for one in criteria],
        "total": total(criteria, own.scores) if whole and criteria else None,
    }
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "scoring/sheet.html", context, status=status)
