"""Who words a city's notices: its policy editors. Each change is a new row with its basis."""

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain import notice_templates
from applicants.domain.errors import NotAllowed
from applicants.domain.events import record
from applicants.domain.texts import read_line
from applicants.models import City, NoticeTemplate, User
from reviews.domain.roles import roles_of
from reviews.models.staff import Role

WORDED_BY = (Role.POLICY_EDITOR,)


@transaction.atomic
def word_notice(
    *, city: City, kind: str, texts: dict[str, str], basis: str, user: User
) -> NoticeTemplate:
    """Word a kind of notice anew, or with empty texts as usual again; raises Refused by field."""
    if not roles_of(user).filter(city=city, role__in=WORDED_BY).exists():
        raise NotAllowed(_("Notices are worded by the city's policy editors."))
    row = NoticeTemplate.objects.create(
        city=city,
        kind=kind,
        basis=read_line(basis, field="basis", limit=300),
        set_by=user,
        **notice_templates.check(kind, texts),
    )
    record(
        kind="notice_template.set",
        subject=f"notice:{kind}",
        actor=user,
        city=city,
        reason=row.basis,
        data={"kind": kind, "template": row.pk, "usual": not row.title_zh},
    )
    return row
