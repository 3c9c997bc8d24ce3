"""What an editor changes of a programme beside its rules: who handles it, whether it is listed."""

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import User
from incentives.models import Bureau, Programme


@transaction.atomic
def change_programme(
    *, programme: Programme, handling_bureau: Bureau, is_open: bool, basis: str, actor: User
) -> Programme:
    """For cases started from now on; those under way stay with the bureau that has them."""
    if handling_bureau.city_id != programme.city_id:
        raise Refused({"handling_bureau": _("Choose a bureau of the programme's city.")})
    if not basis.strip():
        raise Refused({"basis": _("Name the decision behind the change.")})
    row = Programme.objects.select_for_update().get(pk=programme.pk)
    before = {"handling": row.handling_bureau.code, "listed": row.is_open}
    row.handling_bureau, row.is_open = handling_bureau, is_open
    row.save(update_fields=["handling_bureau", "is_open"])
    record(
        kind="programme.changed",
        subject=row.code,
        actor=actor,
        city=row.city,
        reason=basis.strip(),
        data={"before": before, "after": {"handling": handling_bureau.code, "listed": is_open}},
    )
    return row
