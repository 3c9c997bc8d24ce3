"""The verb that ends a published case in a register, as the award ends one in money."""

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import User
from incentives.models import RegisterEntry
from reviews.domain import concluding, objections
from reviews.domain.assessing import rules
from reviews.domain.cases import locked
from reviews.domain.interests import entitled
from reviews.domain.publicity import require_publicity_over
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role


@transaction.atomic
def conclude(*, case_id: int, user: User, reason: str = "") -> RegisterEntry:
    """Enter the outcome once publicity has run out; refused while it still runs."""
    case = locked(case_id, CaseState.PUBLICITY)
    entitled(case, user, Role.APPROVER, bureau=case.handling_bureau)
    if rules(case).outcome.kind == "award":
        raise Conflict(_("This case ends in an award; decide that."))
    require_publicity_over(case)
    objections.require_none_waiting(case)
    determination = case.determinations.get(state=DeterminationState.APPROVED)
    return concluding.enter(case, determination, user=user, reason=reason)
