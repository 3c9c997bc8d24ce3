"""The forms by which the security administrator acts on a member of staff."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models import City, User
from incentives.models import Bureau
from incentives.models.bureau import BureauKind
from reviews.models import StaffRole
from reviews.models.staff import Role


class StaffForm(forms.Form):
    """A step on one person (None: who joins) of one city."""

    def __init__(self, *args: Any, city: City, person: User | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.city, self.person = city, person
        self.prepare()

    def prepare(self) -> None:
        """Fill in what can be chosen here."""

    def take(self, refused: ValidationError | PermissionDenied) -> None:
        """Show what the verb refused beside its field."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, getattr(refused, "messages", [str(refused)]))
            return
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            self.add_error(name if name in self.fields else None, said)

    def choose(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def bureaus_held(self) -> Any:
        held = StaffRole.objects.filter(user=self.person, city=self.city, ended_at=None)
        return Bureau.objects.filter(pk__in=held.exclude(bureau=None).values("bureau"))

    def colleagues(self) -> Any:
        """Whoever works in one of the person's bureaus."""
        held = StaffRole.objects.filter(bureau__in=self.bureaus_held(), is_active=True)
        people = User.objects.filter(pk__in=held.values("user"), is_active=True, is_staff=True)
        return people.exclude(pk=self.person.pk if self.person else 0).order_by("name", "pk")


def _person(label: Any, help_text: Any = "") -> forms.ModelChoiceField[Any]:
    return forms.ModelChoiceField(
        User.objects.none(),
        label=label,
        required=False,
        empty_label=_("back to the bureau's queue"),
        help_text=help_text,
    )


def _bureau(label: Any, *, required: bool = True, help_text: Any = "") -> Any:
    empty = _("none: a role of the whole city")
    return forms.ModelChoiceField(
        Bureau.objects.none(),
        label=label,
        required=required,
        empty_label=None if required else empty,
        help_text=help_text,
    )


def _reason() -> forms.CharField:
    return forms.CharField(label=_("Reason"), max_length=300, help_text=_("Auditors read it."))


def bureaus_of(city: City) -> Any:
    return Bureau.objects.filter(~Q(kind=BureauKind.COLLECTIVE), city=city).order_by("id")


class PlainForm(StaffForm):
    """A step that asks nothing more."""


class GrantForm(StaffForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    bureau = _bureau(
        _("Bureau"),
        required=False,
        help_text=_("For preparers, approvers, leaders and finance."),
    )

    def prepare(self) -> None:
        self.choose("bureau", bureaus_of(self.city))


class JoinForm(GrantForm):
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("The link to set a password goes there.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    field_order = ("email", "name", "role", "bureau")


class ReasonForm(StaffForm):
    reason = _reason()


class EndForm(ReasonForm):
    field_order: tuple[str, ...] = ("hand_to", "reason")
    hand_to = _person(_("Open work goes to"))

    def prepare(self) -> None:
        self.choose("hand_to", self.colleagues())


class MoveForm(EndForm):
    from_bureau = _bureau(_("From which bureau"))
    to_bureau = _bureau(_("To which bureau"))
    field_order = ("from_bureau", "to_bureau", "hand_to", "reason")

    def prepare(self) -> None:
        super().prepare()
        self.choose("from_bureau", self.bureaus_held())
        self.choose("to_bureau", bureaus_of(self.city))


class NameForm(StaffForm):
    name = forms.CharField(label=_("Name"), max_length=80)

    def prepare(self) -> None:
        self.fields["name"].initial = self.person and self.person.name
