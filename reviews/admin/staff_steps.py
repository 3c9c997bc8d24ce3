"""What an administrator can do with a member of staff: one step, one form, one verb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from reviews.admin import staff_forms as forms
from reviews.domain import staffing
from reviews.models.staff import Role

Words = str | Promise


@dataclass(frozen=True)
class Step:
    """A verb with its words and its form; `by` is the administrator who may."""

    title: Words
    button: Words
    done: Words
    form: type[forms.StaffForm]
    run: Callable[[Any, User, int], object]
    weight: str = "secondary"
    help: Words = ""
    by: Role = Role.SECURITY


def _on_person(verb: Callable[..., object], *fields: str) -> Callable[[Any, User, int], object]:
    return lambda form, by, _role: verb(
        user_id=form.person.pk, by=by, **{name: form.cleaned_data[name] for name in fields}
    )


def _in_city(verb: Callable[..., object], *fields: str) -> Callable[[Any, User, int], object]:
    return lambda form, by, _role: verb(
        user_id=form.person.pk,
        city=form.city,
        by=by,
        **{name: form.cleaned_data[name] for name in fields},
    )


STEPS: dict[str, Step] = {
    "grant": Step(
        title=_("Give a role"),
        button=_("Give the role"),
        done=_("The role is given, or waits for a second administrator to confirm it."),
        form=forms.GrantForm,
        run=_in_city(staffing.grant, "role", "bureau"),
        weight="main",
        help=_(
            "Approvers, leaders, finance and security administrators need the confirmation of a "
            "second security administrator."
        ),
    ),
    "confirm": Step(
        title=_("Confirm"),
        button=_("Confirm the role"),
        done=_("The role is confirmed and holds from now on."),
        form=forms.PlainForm,
        run=lambda form, by, role: staffing.confirm(role_id=role, by=by),
        weight="main",
    ),
    "end": Step(
        title=_("End"),
        button=_("End the role"),
        done=_("The role has ended."),
        form=forms.EndForm,
        run=lambda form, by, role: staffing.end_role(role_id=role, by=by, **form.cleaned_data),
        weight="danger",
    ),
    "move": Step(
        title=_("Move to another bureau"),
        button=_("Move"),
        done=_("The person has moved; roles that sign wait for confirmation."),
        form=forms.MoveForm,
        run=_on_person(staffing.move, "from_bureau", "to_bureau", "hand_to", "reason"),
        help=_("The roles in the old bureau end now. Open work is handed over."),
    ),
    "leave": Step(
        title=_("Leaves the service"),
        button=_("End everything"),
        done=_("Every right has ended; nothing is deleted."),
        form=forms.EndForm,
        run=_in_city(staffing.leave, "hand_to", "reason"),
        weight="danger",
        help=_("Roles, delegations, sessions and API tokens end now. Open work is handed over."),
    ),
    "sign_out": Step(
        title=_("Sign out everywhere"),
        button=_("End all sessions"),
        done=_("All sessions and tokens have ended; a link to a new password is on its way."),
        form=forms.ReasonForm,
        run=_in_city(staffing.sign_out, "reason"),
        help=_("When a device is lost or a password known: a new one has to be set by e-mail."),
    ),
    "unlock": Step(
        title=_("Lift the lock after failed sign-ins"),
        button=_("Lift the lock"),
        done=_("The person can sign in again."),
        form=forms.PlainForm,
        run=_in_city(staffing.unlock),
    ),
    "invite_again": Step(
        title=_("Send the invitation again"),
        button=_("Send"),
        done=_("The invitation is on its way."),
        form=forms.PlainForm,
        run=_in_city(staffing.invite_again),
    ),
    "rename": Step(
        title=_("Correct the name"),
        button=_("Keep the name"),
        done=_("The name is changed."),
        form=forms.NameForm,
        run=_in_city(staffing.rename, "name"),
        by=Role.SYSTEM,
    ),
}
