"""Notes between reviewers on a case; whom a note mentions is told. Never for the applicant."""

import re
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.notices import write
from applicants.models import Membership, Notice, User
from incentives.models import Bureau
from reviews.domain.cases import note
from reviews.domain.interests import opens_to
from reviews.domain.queries import (
    FINANCE,
    PAID_TYPES,
    PAST_DETERMINATION,
    REVIEWING,
    cases_for_staff,
)
from reviews.domain.roles import roles_of
from reviews.models import Application, CaseNote, Declaration, StaffRole
from reviews.models.staff import Role

MOST = 4000
WRITING = (*REVIEWING, *FINANCE)


@transaction.atomic
def write_note(*, case_id: int, text: str, user: User, mentions: Collection[User] = ()) -> CaseNote:
    """Write to the colleagues on a case; those chosen, and those named by @, are told."""
    case = cases_for_staff(user).select_related("city", "programme").filter(pk=case_id).first()
    if case is None:
        raise NotAllowed(_("You have no part in this case."))
    if not opens_to(case, user):
        raise NotAllowed(_("Declare first that you have no conflict of interest in this case."))
    text = _read(text)
    told = _mentioned(case, text, mentions)
    written = CaseNote.objects.create(
        application=case, bureau=_bureau(case, user), text=text, author=user
    )
    written.mentions.set(told)
    data = {"note": written.pk, "mentions": [str(person) for person in told]}
    note(case, actor=user, event="note.written", data=data)
    write(_notice(written, person) for person in told if person.pk != user.pk)
    return written


def notes_of(case: Application) -> QuerySet[CaseNote]:
    """For whoever the case is open to; in the order written."""
    related = case.notes.select_related("author", "bureau").prefetch_related("mentions")
    return related.order_by("id")


def may_write(case: Application, user: User) -> bool:
    return roles_of(user).filter(role__in=WRITING, city=case.city_id).exists()


def staff_seeing(case: Application) -> QuerySet[User]:
    """Everybody who sees the case by a role of their own (as queries.cases_for_staff has it)."""
    bureaus = [case.handling_bureau_id, *case.tasks.values_list("bureau", flat=True)]
    eyes = Q(role__in=REVIEWING, bureau__in=bureaus) | Q(role=Role.AUDITOR, city=case.city_id)
    if case.state in PAST_DETERMINATION and case.programme.case_type in PAID_TYPES:
        eyes |= Q(role__in=FINANCE, city=case.city_id)
    held = StaffRole.objects.filter(eyes, is_active=True)
    members = Membership.objects.filter(party=case.applicant_id, is_active=True)
    tied = Declaration.objects.filter(application=case, conflict=True)
    people = User.objects.filter(pk__in=held.values("user"), is_active=True, is_staff=True)
    outside = people.exclude(pk__in=members.values("user")).exclude(pk__in=tied.values("user"))
    return outside.order_by("name", "pk")


def _read(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text or "\0" in text:
        raise Refused({"text": _("Write the note.")})
    if len(text) > MOST:
        raise Refused({"text": _("Write at most %s characters.") % MOST})
    return text


def _mentioned(case: Application, text: str, chosen: Collection[User]) -> list[User]:
    """Raises Refused for people who do not see the case; a name that two bear is to be chosen."""
    seeing = list(staff_seeing(case))
    strangers = [str(one) for one in chosen if one not in seeing]
    if strangers:
        outside = "、".join(strangers)
        raise Refused({"mentions": _("These have no part in the case: %s.") % outside})
    named = [one for one in seeing if _named(str(one), text)]
    names = [str(one) for one in named]
    twice = {name for name in names if names.count(name) > 1} - {str(one) for one in chosen}
    if twice:
        told = "、".join(sorted(twice))
        raise Refused({"mentions": _("Several people are called %s; choose whom you mean.") % told})
    wanted = [*chosen, *(one for one in named if names.count(str(one)) == 1)]
    return list({one.pk: one for one in wanted}.values())


def _named(name: str, text: str) -> bool:
    """@name, not followed by more of a word: Ann is not meant by @Annabel."""
    return re.search(rf"@{re.escape(name)}(?![A-Za-z0-9_])", text) is not None


def _bureau(case: Application, user: User) -> Bureau:
    """The writer's bureau in the case, else the one of their role: finance, say."""
    held = roles_of(user).filter(role__in=WRITING, city=case.city_id)
    own = {role.bureau_id: role.bureau for role in held.select_related("bureau").order_by("pk")}
    inside = [case.handling_bureau_id, *case.tasks.values_list("bureau", flat=True)]
    found = next((own[pk] for pk in inside if pk in own), next(iter(own.values()), None))
    if found is None:
        raise NotAllowed(_("Notes are written by the reviewers of the case."))
    return found


def _notice(written: CaseNote, person: User) -> Notice:
    case = written.application
    return Notice(
        user=person,
        kind="note.mention",
        key=f"note.mention:{written.pk}:{person.pk}",
        data={
            "number": case.number or "",
            "title_zh": case.programme.title_zh,
            "title_en": case.programme.title_en,
            "author": str(written.author),
        },
        url=reverse("admin:reviews_application_change", args=[case.pk]) + "#notes",
    )
