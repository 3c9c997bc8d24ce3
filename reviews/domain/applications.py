"""What an applicant does with a case: start, fill in, submit, supplement, withdraw."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.numbering import next_number
from applicants.domain.profile import write_facts
from applicants.models import BankAccount, Document, Party, User
from incentives.domain import facts as fact_values
from incentives.domain.programmes import rules_of
from incentives.domain.settings import setting
from incentives.models import Programme, ProgrammeVersion
from reviews.domain import (
    acceptance,
    commitments,
    completeness,
    rounds,
    supplements,
    tasks,
    undoing,
    workflows,
    working_days,
)
from reviews.domain.assessing import declared_facts, rules
from reviews.domain.behalf import assisted, may_start, on_behalf, require_filer
from reviews.domain.cases import due, locked, move, note
from reviews.models import Application, CaseFact, Defect, Evidence
from reviews.models.lifecycle import EDITABLE, TRANSITIONS, CaseState
from reviews.models.task import TaskKind

WITHDRAWABLE = [CaseState(start) for start, end in TRANSITIONS if end == CaseState.WITHDRAWN]


@transaction.atomic
def start_application(*, party: Party, programme: Programme, user: User) -> Application:
    """Open a draft on the programme's version in force, filled from the party's profile."""
    if not may_start(party, user):
        raise NotAllowed(_("Only members of the applicant may do this."))
    listed = Programme.objects.filter(pk=programme.pk, is_open=True).exists()
    if not listed or not programme.is_in_force(working_days.today()):
        raise Refused({"programme": _("This programme takes no applications now.")})
    version = programme.current
    completeness.require_kind(programme, version, party)
    untouched = _untouched_draft(party, version, user)
    if Party.objects.filter(pk=party.pk, ended_on__isnull=False).exists():
        raise Refused({"party": _("This organisation has ended; its successor goes on.")})
    if untouched:
        return untouched
    case = Application.objects.create(
        city=programme.city,
        programme=programme,
        version=version,
        applicant=party,
        handling_bureau=programme.handling_bureau,
        account=BankAccount.objects.filter(party=party, is_current=True).first(),
        started_by=user,
        assisted_by=user if assisted(party, user) else None,
        progress_token=secrets.token_urlsafe(32),
    )
    completeness.fill_from_profile(case)
    note(case, actor=user, event="case.started")
    return case


def _untouched_draft(party: Party, version: ProgrammeVersion, user: User) -> Application | None:
    """The draft of a second click: same person, same version, nothing filled in yet.

    The party stays locked until commit, so that two clicks at once do not miss each other.
    """
    Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    drafts = Application.objects.filter(
        applicant=party, version=version, started_by=user, state=CaseState.DRAFT
    )
    own = CaseFact.objects.filter(application=OuterRef("pk")).exclude(key__in=_shared(version))
    return drafts.exclude(Exists(own)).filter(evidence=None, payee_shares=None).first()


def _shared(version: ProgrammeVersion) -> list[str]:
    return [key for key, fact in rules_of(version).facts.items() if fact.profile]


@transaction.atomic
def save_facts(*, case_id: int, values: Mapping[str, Any], user: User) -> dict[str, str]:
    """Keep every value that can be read; returns what was wrong with the others, by fact.

    An empty value clears its fact. Unknown facts are refused, and so is the list of the members who
    are paid: it is made from the payees.
    """
    case = locked(case_id, *EDITABLE)
    require_filer(case, user)
    members = rules(case).roles.members
    given = {key: value for key, value in values.items() if key != members}
    read, problems = fact_values.read_values(rules(case), given)
    if members in values:
        problems[str(members)] = _("Enter the persons as payees; this list is made from them.")
    standing = {fact.key: fact.declared for fact in case.facts.all()}
    changed = {key: value for key, value in read.items() if standing.get(key) != value}
    if case.state == CaseState.RETURNED:
        supplements.require_asked(case, changed)
    for key, value in changed.items():
        _declare(case, key, value)
    return problems


def _declare(case: Application, key: str, value: Any) -> None:
    """A changed value has to be confirmed anew; one that stays as it was keeps its confirmation."""
    CaseFact.objects.update_or_create(
        application=case,
        key=key,
        defaults={
            "declared": value,
            "confirmed": None,
            "confirmed_by": None,
            "confirmed_at": None,
        },
    )


@transaction.atomic
def choose_account(*, case_id: int, account_id: int, user: User) -> None:
    """Have the case paid to the account that the applicant uses now.

    Under review only where none is named: the applicant is the successor of the one that filed it.
    """
    case = locked(case_id, *(CaseState(start) for start, _end in TRANSITIONS))
    if case.state not in EDITABLE and case.account_id is not None:
        raise Conflict(_("The case is under review; its account stays."))
    require_filer(case, user)
    account = BankAccount.objects.filter(
        pk=account_id, party=case.applicant, is_current=True
    ).first()
    if account is None:
        raise Refused({"account": _("Choose the applicant's bank account in use.")})
    case.account = account
    case.save(update_fields=["account"])


@transaction.atomic
def attach(*, case_id: int, fact_key: str, document: Document, user: User) -> Evidence:
    case = locked(case_id, *EDITABLE, CaseState.SUBMITTED, CaseState.ACCEPTED)
    require_filer(case, user)
    if case.state not in EDITABLE and fact_key not in commitments.promised(case):
        raise Conflict(_("The case is under review; only promised papers can be brought now."))
    if case.state == CaseState.RETURNED:
        supplements.require_asked(case, [fact_key])
    if document.party_id != case.applicant_id:
        raise NotAllowed(_("This document belongs to another applicant."))
    if fact_key not in rules(case).facts:
        raise Refused({"fact": _("This programme does not ask for “%s”.") % fact_key})
    evidence, _created = Evidence.objects.update_or_create(
        application=case, fact_key=fact_key, document=document, defaults={"removed_at": None}
    )
    commitments.keep(case, fact_key, user=user)
    if on_behalf(case, user):
        data = {"fact": fact_key, "document": str(document.pk)}
        note(case, actor=user, event="assistance.paper", data=data)
    return evidence


@transaction.atomic
def detach(*, case_id: int, evidence_id: int, user: User) -> None:
    case = locked(case_id, *EDITABLE)
    require_filer(case, user)
    laid = case.evidence.filter(pk=evidence_id)
    if case.state == CaseState.RETURNED:
        supplements.require_asked(case, laid.values_list("fact_key", flat=True))
    laid.update(removed_at=timezone.now())


@transaction.atomic
def submit(*, case_id: int, user: User, declared_true: bool) -> Application:
    """File the case, or file it again after a supplement: number, deadline, acceptance task."""
    case = locked(case_id, *EDITABLE)
    require_filer(case, user)
    if not declared_true:
        raise Refused({"declaration": _("Tick the declaration that what you state is true.")})
    completeness.require_complete(case)
    again = case.state == CaseState.RETURNED
    changed = supplements.answer(case) if again else []
    if case.accepted_at is not None:
        return _take_up_again(case, user, changed)
    filed: dict[str, Any] = {} if again else _first_filing(case, user)
    deadline = due(case, "acceptance_days")
    move(
        case,
        CaseState.SUBMITTED,
        actor=user,
        event="case.supplemented" if again else "case.submitted",
        due_on=deadline,
        returned_reason="",
        **filed,
    )
    rounds.join(case, user=user)
    _begin(case, deadline)
    _remember(case, user)
    return case


def _begin(case: Application, deadline: date) -> None:
    if workflows.of(case).workflow.has("acceptance"):
        tasks.open_task(case, TaskKind.ACCEPTANCE, bureau=case.handling_bureau, due_on=deadline)
    else:
        acceptance.take_on_at_once(case)


def _take_up_again(case: Application, user: User, changed: list[Defect]) -> Application:
    """A case that was under review goes on where it stood, with the days that were left."""
    supplements.start_clock(case)
    if changed:
        supplements.ask_again(case)
    task = tasks.next_of(case)
    move(
        case,
        CaseState.ACCEPTED,
        actor=user,
        event="case.supplemented",
        due_on=task.due_on,
        returned_reason="",
        data={"changed": [one.fact_key for one in changed]},
    )
    _remember(case, user)
    return case


def _remember(case: Application, user: User) -> None:
    """What was declared with a filing fills the profile, and so the next application."""
    shared = _shared(case.version)
    values = {key: value for key, value in declared_facts(case).items() if key in shared}
    write_facts(party=case.applicant, values=values, as_of=working_days.today(), user=user)


def _first_filing(case: Application, user: User) -> dict[str, Any]:
    year = working_days.today().year
    serial = next_number(city=case.city, series="case", year=year)
    return {
        "number": f"{case.city.abbreviation}-{year}-{serial:06d}",
        "submitted_at": timezone.now(),
        "submitted_by": user,
        "workflow": workflows.kept(case),
        "thresholds": setting(city=case.city, key="signature_thresholds", programme=case.programme),
    }


@transaction.atomic
def withdraw(*, case_id: int, user: User, reason: str = "") -> Application:
    case = locked(case_id, *WITHDRAWABLE)
    require_filer(case, user)
    undoing.void_determination(case, actor=user, reason=reason or _("withdrawn by the applicant"))
    tasks.cancel_open(case)
    move(case, CaseState.WITHDRAWN, actor=user, event="case.withdrawn", reason=reason)
    return case
