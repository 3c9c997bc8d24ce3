"""The promise to bring a paper later, typed beside the question that asks for it."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.domain.errors import Conflict, Refused
from reviews.domain.assessing import rules
from reviews.domain.commitments import open_promises, promise
from reviews.models import Application, Commitment
from reviews.views.doors import MemberRequest, problems_of


class PromiseForm(forms.Form):
    """Never required: whoever brings the paper leaves it empty. The domain judges the rest."""

    use_required_attribute = False

    text = forms.CharField(label=_l("What you promise to bring"), max_length=1000, required=False)
    due_on = forms.DateField(
        label=_l("Promise to bring it by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d"),
    )


def promise_form(
    key: str,
    made: Commitment | None,
    request: MemberRequest | None,
    problems: dict[str, str] | None = None,
) -> PromiseForm:
    initial = {"text": made.text, "due_on": made.due_on} if made else {}
    form = PromiseForm(request.POST if request else None, prefix=prefix(key), initial=initial)
    for name in form.fields:
        problem = (problems or {}).get(f"{prefix(key)}-{name}")
        if problem and not form.has_error(name):
            form.add_error(name, problem)
    return form


def prefix(key: str) -> str:
    return f"promise-{key}"


def keep_promises(request: MemberRequest, case: Application) -> dict[str, str]:
    """Make every promise that was typed or changed; returns what was wrong, by field."""
    problems: dict[str, str] = {}
    made = open_promises(case)
    for key in rules(case).facts:
        if f"{prefix(key)}-text" not in request.POST:
            continue
        form = promise_form(key, made.get(key), request)
        if form.has_changed() or request.POST.get("promise") == key:
            found = _keep(request, case, key, form)
            problems |= {f"{prefix(key)}-{name}": problem for name, problem in found.items()}
    return problems


def _keep(request: MemberRequest, case: Application, key: str, form: PromiseForm) -> dict[str, str]:
    if not form.is_valid():
        return {name: " ".join(map(str, said)) for name, said in form.errors.items()}
    day = form.cleaned_data["due_on"]
    if day is None:
        return {"due_on": _("Choose the day by which you bring it.")}
    try:
        promise(
            case_id=case.pk,
            fact_key=key,
            text=form.cleaned_data["text"],
            due_on=day,
            user=request.user,
        )
    except Conflict:
        raise
    except Refused as refused:
        return problems_of(refused)
    return {}
