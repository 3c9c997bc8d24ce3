"""Who is told of a role: whoever receives it, and those who have to confirm it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import override

from applicants.domain.notices import notify
from reviews.domain.staffing_checks import security_of
from reviews.models import StaffRole
from reviews.models.staff import Role


def tell_given(role: StaffRole) -> None:
    key = f"staff.role_given:{role.pk}:{role.since.isoformat()}"
    url = reverse("admin:index")
    notify(user=role.user, kind="staff.role_given", key=key, data=_data(role), url=url)


def tell_confirmers(role: StaffRole) -> None:
    """The city's other security administrators."""
    url = reverse("admin:reviews_staffrole_changelist") + "?standing=waits"
    others = security_of(role.city).exclude(user__in=[role.granted_by_id, role.user_id])
    for other in others.select_related("user"):
        key = f"staff.role_waits:{role.pk}:{role.since.isoformat()}:{other.user_id}"
        notify(user=other.user, kind="staff.role_waits", key=key, data=_data(role), url=url)


def _data(role: StaffRole) -> dict[str, Any]:
    place = role.bureau or role.city
    return {
        "person": str(role.user),
        "role": {"zh": _named(role, "zh-hans"), "en": _named(role, "en")},
        "place": {"zh": place.name_zh, "en": place.name_en},
    }


def _named(role: StaffRole, language: str) -> str:
    with override(language):
        return str(Role(role.role).label)
