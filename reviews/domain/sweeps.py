"""Sweeps (免申即享): the city looks for everyone who qualifies, instead of waiting to be asked."""

from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from applicants.domain.doorbell import ring
from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import Party, User
from incentives.domain.programmes import rules_of, settings_of
from incentives.models import Programme
from reviews.domain import working_days
from reviews.domain.roles import has_role, roles_of
from reviews.models import Sweep
from reviews.models.staff import Role

RUN = "reviews.run_sweeps"
REVIEWERS = (Role.PREPARER, Role.APPROVER)
LOOKING = (Role.POLICY_EDITOR, Role.AUDITOR)


@transaction.atomic
def start_sweep(*, programme: Programme, on: date, user: User) -> Sweep:
    """Ask for a search of the city's registry; a worker does it, slice by slice.

    Raises Refused for a programme that is not listed, or a day on which none of it is in force.
    """
    require_sweeper(user, programme, *REVIEWERS)
    if not programme.is_open:
        raise Refused({"programme": _("This programme takes no applications now.")})
    if on > working_days.today():
        raise Refused({"on": _("Write a day up to today: facts of later days are not known.")})
    version = programme.version_on(on)
    sweep = Sweep.objects.create(
        city_id=programme.city_id,
        programme=programme,
        version=version,
        on=on,
        readings=settings_of(programme, version),
        total=parties_of_kinds(programme.city_id, rules_of(version).roles.applicant),
        started_by=user,
    )
    note(sweep, "sweep.started", user)
    ring(RUN)
    return sweep


def parties_of_kinds(city: str, kinds: tuple[str, ...]) -> int:
    return Party.objects.filter(district__city=city, kind__in=kinds).count()


def require_sweeper(user: User, programme: Programme, *roles: Role) -> None:
    """The city's policy editors, and the handling bureau's people in the roles."""
    editing = roles_of(user).filter(role=Role.POLICY_EDITOR, city=programme.city_id).exists()
    if not editing and not has_role(user, *roles, bureau=programme.handling_bureau):
        raise NotAllowed(
            _("This belongs to policy editors, and to %(bureau)s.")
            % {"bureau": programme.handling_bureau}
        )


def note(sweep: Sweep, kind: str, user: User | None, **data: object) -> None:
    record(
        kind=kind,
        subject=f"sweep:{sweep.pk}",
        actor=user,
        city=sweep.city,
        data={"programme": sweep.programme.code, "on": sweep.on.isoformat()} | data,
    )


def lock_of(sweep_id: int) -> None:
    """Held until commit: what is done with the result of a sweep is done by one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM reviews_sweep WHERE id = %s FOR UPDATE", [sweep_id])
