"""Decision letters (文书): issued by the verb that decides, served in the portal, checked by QR."""

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.utils import timezone

from applicants.domain.names import public_name
from applicants.models import User
from reviews.domain import interests, letter_numbers, letter_values, letter_wording, working_days
from reviews.domain.cases import note
from reviews.domain.letter_values import Told
from reviews.domain.queries import cases_for_staff, own_cases
from reviews.domain.roles import roles_of
from reviews.models import Application, Declaration, Letter, LetterTemplate, Seal
from reviews.models.letter import TOKEN_START, LetterKind
from reviews.models.staff import Role

TOKEN_BYTES = 32


def issue(
    case: Application,
    kind: LetterKind,
    told: Mapping[str, Told] | None = None,
    *,
    actor: User | None,
    reader: User | None = None,
) -> Letter:
    """Write the letter of a decision, inside the transaction of the verb that decides.

    `told` fills the placeholders that the verb knows (see letter_wording.OWN): sums in yuan, days,
    words. An answer to an objection is for its `reader`, if signed up, and not for the applicant.
    """
    standing = _standing(case, kind)
    mark = standing["mark"] or ""
    number = letter_numbers.next_letter_number(
        city=case.city, bureau=case.handling_bureau, kind=kind, mark=mark
    )
    values = letter_values.values_of(
        case, kind, number=number, document=_document(standing), told=told or {}
    )
    usual = letter_wording.declared(kind)
    letter = Letter.objects.create(
        application=case,
        kind=kind,
        number=number,
        title=standing["title"] or usual.title,
        body=letter_wording.fill(standing["body"] or usual.body, values),
        data={
            "values": values,
            "template": standing["template"],
            "reader": reader.pk if reader else None,
            "public_name": _public_name(case, kind, values),
        },
        seal_id=standing["seal"],
        bureau=case.handling_bureau,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        issued_on=working_days.today(),
        issued_by=actor,
    )
    data = {"letter": letter.pk, "number": number, "kind": kind}
    note(case, actor=actor, event="letter.issued", data=data)
    return letter


def _standing(case: Application, kind: LetterKind) -> dict[str, Any]:
    """The wording and the seal that now count, and the document: in one statement."""
    wordings = LetterTemplate.objects.filter(city=case.city_id, kind=kind).order_by("-id")
    seals = Seal.objects.filter(bureau=OuterRef("handling_bureau")).order_by("-id")
    found = Application.objects.filter(pk=case.pk).annotate(
        template=Subquery(wordings.values("pk")[:1]),
        title=Subquery(wordings.values("title")[:1]),
        body=Subquery(wordings.values("body")[:1]),
        seal=Subquery(seals.values("pk")[:1]),
        mark=Subquery(seals.values("mark")[:1]),
        document=F("programme__document__title_zh"),
        document_number=F("programme__document__number"),
    )
    wanted = ("template", "title", "body", "seal", "mark", "document", "document_number")
    row: dict[str, Any] = found.values(*wanted).get()
    return row


def _document(standing: dict[str, Any]) -> str:
    number = standing["document_number"]
    return f"《{standing['document']}》" + (f"（{number}）" if number else "")


def _public_name(case: Application, kind: LetterKind, values: dict[str, str]) -> str:
    """Whom the page of verification names: persons, and whoever objects, by their first letter."""
    if kind == LetterKind.OBJECTION:
        return f"{values['objector'][:1]}**"
    return public_name(case.applicant)


def digest(letter: Letter) -> str:
    """SHA-256 of what was served, to compare a paper with the letter as it was issued."""
    words = (letter.number, letter.title, letter.issued_on.isoformat(), letter.body)
    return sha256("\n".join(words).encode()).hexdigest()


def letters_to(user: User) -> QuerySet[Letter]:
    """Those that are addressed to the person: of the own cases, and answers to own objections."""
    own = Q(application__in=own_cases(user)) & ~Q(kind=LetterKind.OBJECTION)
    return Letter.objects.filter(own | Q(kind=LetterKind.OBJECTION, data__reader=user.pk))


def letters_for_staff(user: User) -> QuerySet[Letter]:
    """Of cases open to the person, who has declared to have no conflict, or who audits."""
    said = Declaration.objects.filter(user=user)
    audited = roles_of(user).filter(role=Role.AUDITOR).values("city_id")
    free = Q(pk__in=said.filter(conflict=False).values("application")) | Q(city__in=audited)
    conflicted = said.filter(conflict=True).values("application")
    cases = cases_for_staff(user).filter(free).exclude(pk__in=conflicted)
    return Letter.objects.filter(application__in=cases)


def letters_for(user: User) -> QuerySet[Letter]:
    """Every letter that the person may read, newest first."""
    either = letters_to(user).values("pk").union(letters_for_staff(user).values("pk"))
    return Letter.objects.filter(pk__in=either).order_by("-id")


@transaction.atomic
def open_letter(*, letter_id: int, user: User) -> Letter | None:
    """The letter, or None where the person may not read it. The first reading is its service.

    Reading by staff is written down with the case.
    """
    beside = ("application__programme", "application__city", "bureau", "seal", "read_by")
    served = letters_to(user).filter(pk=letter_id).exists()
    if not served and not letters_for_staff(user).filter(pk=letter_id).exists():
        return None
    first = served and _mark_read(letter_id, user)
    letter = Letter.objects.select_related(*beside).get(pk=letter_id)
    if first:
        data = {"letter": letter.pk, "number": letter.number, "kind": letter.kind}
        note(letter.application, actor=user, event="letter.read", data=data)
    if not served:
        interests.log_reading(letter.application, user, "letter")
    return letter


def _mark_read(letter_id: int, user: User) -> bool:
    """Whether this was the first reading; of two at once the database lets one be it."""
    unread = Letter.objects.filter(pk=letter_id, read_at=None)
    return bool(unread.update(read_at=timezone.now(), read_by=user))


def find_by_token(token: str) -> Letter | None:
    """For whoever holds the paper. Found by the token's beginning; the whole is then compared in
    constant time, so that an answer's time tells nothing of the rest."""
    beside = ("application__programme", "bureau__city")
    starts = Letter.objects.annotate(start=Left("token", TOKEN_START)).select_related(*beside)
    letter = starts.filter(start=token[:TOKEN_START]).first()
    expected = letter.token if letter else secrets.token_urlsafe(TOKEN_BYTES)
    right = secrets.compare_digest(expected.encode(), token.encode())
    return letter if letter and right else None
