"""What a post of the form changes in a case: facts, papers and the account, each by its verb."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from applicants.domain.errors import Conflict, Refused
from incentives.forms.facts import FactsForm
from reviews.domain import applications, behalf
from reviews.domain.assessing import rules
from reviews.models import Application
from reviews.views.doors import MemberRequest, problems_of
from reviews.views.promising import keep_promises


def save(request: MemberRequest, case: Application) -> dict[str, str]:
    """Keep all that can be kept; returns what was wrong, by field. Raises Conflict."""
    form = FactsForm(rules(case).facts, keys=questions_of(case), kept={}, data=request.POST)
    problems = keep_facts(request, case, form.typed_values())
    if not request.htmx:
        problems |= keep_promises(request, case) | keep_uploads(request, case)
    return problems | remove_paper(request, case) | choose_account(request, case)


def keep_facts(request: MemberRequest, case: Application, values: dict[str, Any]) -> dict[str, str]:
    """What nobody asked to change is refused by its name; the rest is kept all the same."""
    try:
        return applications.save_facts(case_id=case.pk, values=values, user=request.user)
    except Conflict:
        raise
    except Refused as refused:
        problems = problems_of(refused)
    rest = {key: value for key, value in values.items() if key not in problems}
    saved = applications.save_facts(case_id=case.pk, values=rest, user=request.user)
    return problems | saved


def questions_of(case: Application) -> list[str]:
    """Every fact that is typed in; the list of members is made from the payees."""
    found = rules(case)
    return [key for key in found.facts if key != found.roles.members]


def keep_uploads(request: MemberRequest, case: Application) -> dict[str, str]:
    problems: dict[str, str] = {}
    for key in rules(case).facts:
        for upload in request.FILES.getlist(f"evidence-{key}"):
            problem = keep_upload(request, case, key, upload)
            if problem:
                before = problems.get(f"evidence-{key}", "")
                problems[f"evidence-{key}"] = f"{before} {upload.name}: {problem}".strip()
    return problems


def keep_upload(request: MemberRequest, case: Application, key: str, upload: UploadedFile) -> str:
    try:
        document = behalf.keep_paper(case, upload=upload, user=request.user)
        applications.attach(case_id=case.pk, fact_key=key, document=document, user=request.user)
    except Conflict:
        raise
    except Refused as refused:
        return " ".join(refused.messages)
    return ""


def remove_paper(request: MemberRequest, case: Application) -> dict[str, str]:
    wanted = request.POST.get("remove", "")
    if not wanted.isdecimal():
        return {}
    try:
        applications.detach(case_id=case.pk, evidence_id=int(wanted), user=request.user)
    except Conflict:
        raise
    except Refused as refused:
        return {f"evidence-{key}": problem for key, problem in problems_of(refused).items()}
    return {}


def choose_account(request: MemberRequest, case: Application) -> dict[str, str]:
    wanted = request.POST.get("account", "")
    if not wanted.isdecimal() or int(wanted) == case.account_id:
        return {}
    try:
        applications.choose_account(case_id=case.pk, account_id=int(wanted), user=request.user)
    except Conflict:
        raise
    except Refused as refused:
        return problems_of(refused)
    return {}
