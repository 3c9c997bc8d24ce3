"""Papers of the city that were handed in at the window, and who may open them."""

from django.db.models import Q

from applicants.models import Document, User
from reviews.domain.assistance import assistance_for
from reviews.domain.party_changes import changes_for
from reviews.domain.roles import roles_of
from reviews.models import Assistance
from reviews.models.staff import Role


def may_read(document: Document, user: User) -> bool:
    """The notice of a change for its registry staff; an authorisation for both sides and audit."""
    if changes_for(user).filter(document=document).exists():
        return True
    if assistance_for(user).filter(document=document).exists():
        return True
    audited = roles_of(user).filter(role=Role.AUDITOR).values("city")
    seen = Q(clerk=user.pk) | Q(city__in=audited)
    return Assistance.objects.filter(seen, document=document).exists()
