"""The city's own wording of a kind of letter; each change is a new row with its basis."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.texts import read_line
from applicants.models import City, User
from reviews.domain.letter_wording import Wording, declared, fill, require_fillable, sample
from reviews.domain.roles import roles_of
from reviews.models import LetterTemplate
from reviews.models.letter import LetterKind
from reviews.models.staff import Role

WORDED_BY = (Role.POLICY_EDITOR, Role.SYSTEM)
SAMPLE_NUMBER = "示范〔2026〕1号"
LONGEST_TITLE, LONGEST_BODY = 120, 6000  # characters


@transaction.atomic
def set_template(
    *, city: City, kind: LetterKind, title: str, body: str, basis: str, user: User
) -> LetterTemplate:
    """Word a kind of letter anew for the city; raises Refused by field, naming what is unknown."""
    if not roles_of(user).filter(city=city, role__in=WORDED_BY).exists():
        raise NotAllowed(_("Letters are worded by the city's policy editors and administrators."))
    _require_sound(kind, title, body)
    row = LetterTemplate.objects.create(
        city=city,
        kind=kind,
        title=read_line(title, field="title", limit=LONGEST_TITLE),
        body=body.strip(),
        basis=read_line(basis, field="basis", limit=300),
        set_by=user,
    )
    record(
        kind="letter.template_set",
        subject=f"letter:{kind}",
        actor=user,
        city=city,
        reason=row.basis,
        data={"kind": kind, "template": row.pk},
    )
    return row


def _require_sound(kind: LetterKind, title: str, body: str) -> None:
    if "{" in title or "}" in title:
        raise Refused({"title": _("Write the title without placeholders.")})
    if len(body) > LONGEST_BODY:
        words = _("This has %(count)s characters; write at most %(limit)s.")
        raise Refused({"body": words % {"count": len(body), "limit": LONGEST_BODY}})
    require_fillable(kind, "body", body)


def previewed(kind: LetterKind, title: str, body: str) -> Wording:
    """With the values of a made-up case; raises Refused like `set_template`."""
    _require_sound(kind, title, body)
    values = sample(kind) | {"number": SAMPLE_NUMBER}
    return Wording(declared(kind).word, title.strip(), fill(body, values))


def in_force(city: City, kind: LetterKind) -> Wording:
    """The city's wording, else the catalogue's."""
    usual, row = declared(kind), history(city, kind).first()
    return Wording(usual.word, row.title, row.body) if row else usual


def history(city: City, kind: LetterKind) -> QuerySet[LetterTemplate]:
    """Newest first."""
    rows = LetterTemplate.objects.filter(city=city, kind=kind)
    return rows.select_related("set_by").order_by("-id")
