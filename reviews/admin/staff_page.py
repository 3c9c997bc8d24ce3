"""The page of one member of staff: roles and how they came about, and what can be done now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import Token

from applicants.domain.errors import NotAllowed
from applicants.models import City, Event, User
from reviews.admin import staff_forms as forms
from reviews.admin.access import cities, held, person
from reviews.admin.staff_steps import STEPS, Step
from reviews.domain import staffing
from reviews.domain.event_words import told
from reviews.domain.handovers import waiting_work
from reviews.models import StaffRole
from reviews.models.staff import Role

READERS = (Role.SECURITY, Role.SYSTEM, Role.AUDITOR)
PAGE = "admin/applicants/user/person.html"


@dataclass(frozen=True)
class Offer:
    name: str
    step: Step
    form: forms.StaffForm
    role: StaffRole | None = None


def city_of(request: HttpRequest, user: User | None = None) -> City:
    """The city in which the reader administers staff; of several, the person's."""
    own = City.objects.filter(pk__in=cities(request, READERS)).order_by("pk")
    if user is not None:
        own = own.filter(pk__in=StaffRole.objects.filter(user=user).values("city"))
    city = own.first()
    if city is None:
        raise PermissionDenied
    return city


def show(request: HttpRequest, user: User, failed: forms.StaffForm | None = None) -> HttpResponse:
    city = city_of(request, user)
    roles = list(_roles(user, city))
    offers = list(_offers(request, user, city, roles, failed))
    events = Event.objects.filter(subject=f"user:{user.pk}").select_related("actor")
    context = admin.site.each_context(request) | {
        "opts": User._meta,
        "title": str(user),
        "person": user,
        "city": city,
        "own": user.pk == person(request).pk,
        "roles": [(role, [one for one in offers if one.role == role]) for role in roles],
        "offers": [one for one in offers if one.role is None],
        "token": Token.objects.filter(user=user).first(),
        "work": waiting_work(user).filter(bureau__city=city).count(),
        "history": [_told(event) for event in events.order_by("-id")[:50]],
    }
    status = 422 if failed is not None else 200
    return TemplateResponse(request, PAGE, context, status=status)


def _told(event: Event) -> tuple[str, Event]:
    role = event.data.get("role")
    what = f"{told(event)}：{Role(role).label}" if role in Role.values else told(event)
    return what, event


def _roles(user: User, city: City) -> Any:
    beside = ("city", "bureau", "granted_by", "confirmed_by", "ended_by")
    rows = StaffRole.objects.filter(user=user, city=city).select_related(*beside)
    return rows.order_by("-is_active", "-since")


def _offers(
    request: HttpRequest,
    user: User,
    city: City,
    roles: list[StaffRole],
    failed: forms.StaffForm | None,
) -> Iterator[Offer]:
    if user.pk == person(request).pk:
        return
    mine = {role.role for role in held(request) if role.city_id == city.pk}
    for name, step in STEPS.items():
        if step.by not in mine or not _applies(name, user, roles):
            continue
        for role in _rows_for(name, roles, person(request)):
            form = _form(step, name, city, user, role)
            again = failed is not None and failed.prefix == form.prefix
            yield Offer(name, step, failed if again and failed else form, role)


def _applies(name: str, user: Any, roles: list[StaffRole]) -> bool:
    """Whether the step is of use for this person now; the verb checks again."""
    stands = any(role.is_active or role.waits for role in roles)
    return {
        "move": any(role.bureau_id and (role.is_active or role.waits) for role in roles),
        "leave": stands,
        "sign_out": stands and user.is_staff,
        "unlock": bool(getattr(user, "is_locked", False)),
        "invite_again": user.is_staff and not user.has_usable_password(),
    }.get(name, True)


def _rows_for(name: str, roles: list[StaffRole], by: User) -> list[StaffRole | None]:
    if name == "confirm":
        return [role for role in roles if role.waits and role.granted_by_id != by.pk]
    if name == "end":
        return [role for role in roles if role.is_active or role.waits]
    return [None]


def _form(
    step: Step,
    name: str,
    city: City,
    user: User,
    role: StaffRole | None = None,
    data: QueryDict | None = None,
) -> forms.StaffForm:
    prefix = f"{name}-{role.pk}" if role else name
    return step.form(data, city=city, person=user, prefix=prefix)


def act(request: HttpRequest, user: User, name: str) -> HttpResponse:
    if name not in STEPS:
        raise Http404(name)
    if request.method != "POST":
        return redirect("admin:applicants_user_change", user.pk)
    step, city = STEPS[name], city_of(request, user)
    if not any(one.role == step.by and one.city_id == city.pk for one in held(request)):
        told_whose = {"role": step.by.label, "city": city}
        raise NotAllowed(_("This belongs to the %(role)s of %(city)s.") % told_whose)
    role = _role(request, user)
    form = _form(step, name, city, user, role, request.POST)
    if not form.is_valid() or not _done(form, step, person(request), role):
        return show(request, user, form)
    messages.success(request, str(step.done))
    return redirect("admin:applicants_user_change", user.pk)


def _role(request: HttpRequest, user: User) -> StaffRole | None:
    """The row that the posted form stands in."""
    pk = request.GET.get("role", "")
    if not pk:
        return None
    found = StaffRole.objects.filter(user=user, pk=pk if pk.isdecimal() else 0).first()
    if found is None:
        raise Http404(pk)
    return found


def _done(form: forms.StaffForm, step: Step, by: User, role: StaffRole | None) -> bool:
    try:
        step.run(form, by, role.pk if role else 0)
    except ValidationError as refused:
        form.take(refused)
        return False
    return True


def join(request: HttpRequest) -> HttpResponse:
    """A new colleague: an account without a password, a first role, and an invitation."""
    city = city_of(request)
    form = forms.JoinForm(request.POST or None, city=city)
    if form.is_valid():
        try:
            given = staffing.join(city=city, by=person(request), **form.cleaned_data)
        except ValidationError as refused:
            form.take(refused)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("admin:applicants_user_change", given.user_id)
    context = admin.site.each_context(request) | {
        "opts": User._meta,
        "title": _("Add a member of staff"),
        "city": city,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/applicants/user/join.html", context, status=status)
