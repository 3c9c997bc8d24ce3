"""Acceptance on a commitment (容缺受理): a non-key paper that is promised in writing by a day."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import User
from incentives.domain.language import chosen
from incentives.domain.settings import setting
from reviews.domain import letters, rounds, supplements, tasks, telling, working_days
from reviews.domain.assessing import rules
from reviews.domain.behalf import require_filer
from reviews.domain.cases import due, locked, move, note
from reviews.domain.letter_values import defect_lines
from reviews.models import Application, Commitment
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import EDITABLE, CaseState
from reviews.models.supplement import CommitmentState, DefectKind


@transaction.atomic
def promise(*, case_id: int, fact_key: str, text: str, due_on: date, user: User) -> Commitment:
    """Promise to bring a paper later, where the programme lets it follow, in the city's days."""
    case = locked(case_id, *EDITABLE)
    require_filer(case, user)
    fact = rules(case).facts.get(fact_key)
    if fact is None or not fact.may_follow:
        raise Refused({"fact_key": _("This paper has to be there when the case is filed.")})
    if not text.strip():
        raise Refused({"text": _("Write what you promise to bring.")})
    days = int(setting(city=case.city, key="commitment_days", programme=case.programme))
    latest = working_days.add_working_days(working_days.today(), days)
    if not working_days.today() < due_on <= latest:
        raise Refused({"due_on": _("Choose a day up to %s.") % latest.isoformat()})
    commitment, _created = Commitment.objects.update_or_create(
        application=case,
        fact_key=fact_key,
        state=CommitmentState.OPEN,
        defaults={"text": text.strip(), "due_on": due_on, "promised_by": user},
    )
    note(
        case,
        actor=user,
        event="commitment.made",
        reason=commitment.text,
        data={"fact": fact_key, "due_on": due_on.isoformat()},
    )
    return commitment


def open_promises(case: Application) -> dict[str, Commitment]:
    """The promises that wait for their papers, by fact."""
    return {one.fact_key: one for one in case.commitments.filter(state=CommitmentState.OPEN)}


def promised(case: Application) -> set[str]:
    """The facts whose papers may follow."""
    return set(open_promises(case))


def keep(case: Application, fact_key: str, *, user: User) -> None:
    """The paper has come: the promise is kept."""
    for one in case.commitments.filter(state=CommitmentState.OPEN, fact_key=fact_key):
        one.state, one.settled_at = CommitmentState.KEPT, timezone.now()
        one.save(update_fields=["state", "settled_at"])
        note(case, actor=user, event="commitment.kept", data={"fact": fact_key})


def require_kept(case: Application) -> None:
    waiting = [chosen(rules(case).facts[key].label) for key in sorted(promised(case))]
    if waiting:
        raise Refused({"facts": _("Promised papers are still to come: %s.") % "、".join(waiting)})


def fall_back(*, today: date) -> int:
    """Return every case whose promised paper has not come in time; returns how many."""
    late = Commitment.objects.filter(
        state=CommitmentState.OPEN,
        due_on__lt=today,
        application__state__in=[CaseState.SUBMITTED, CaseState.ACCEPTED],
    )
    cases = late.values_list("application", flat=True).distinct()
    return sum(_return(pk, today) for pk in list(cases))


@transaction.atomic
def _return(case_id: int, today: date) -> bool:
    case = locked(case_id, *CaseState)
    broken = list(case.commitments.filter(state=CommitmentState.OPEN, due_on__lt=today))
    if case.state not in (CaseState.SUBMITTED, CaseState.ACCEPTED) or not broken:
        return False
    if rounds.is_scored_now(case):  # it goes back once its experts are done
        return False
    told = [
        supplements.Told(
            DefectKind.PAPER,
            _("Promised by %(day)s and not brought: %(text)s")
            % {"day": one.due_on.isoformat(), "text": one.text},
            one.fact_key,
        )
        for one in broken
    ]
    Commitment.objects.filter(pk__in=[one.pk for one in broken]).update(
        state=CommitmentState.BROKEN, settled_at=timezone.now()
    )
    defects = supplements.tell(case, told, user=None)
    reason = supplements.words(case, defects)
    if case.accepted_at is None:
        tasks.cancel_open(case)
    else:
        supplements.stop_clock(case)
    move(
        case,
        CaseState.RETURNED,
        actor=None,
        event="commitment.broken",
        reason=reason,
        due_on=due(case, "supplement_days"),
        returned_reason=reason,
    )
    what = {"defects": defect_lines(case, defects)}
    letter = letters.issue(case, LetterKind.RETURNED, what, actor=None)
    telling.tell_letter(case, "case.returned", letter, reason=reason)
    return True
