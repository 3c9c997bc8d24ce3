"""The way of a case, as one table; the trigger that refuses any other step is made from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting for acceptance")
    RETURNED = "returned", _("to be supplemented")
    ACCEPTED = "accepted", _("under review")
    PROPOSED = "proposed", _("determination proposed")
    DETERMINED = "determined", _("determined")
    CHECKED = "checked", _("checked by finance")
    PUBLICITY = "publicity", _("in publicity")
    AWARDED = "awarded", _("awarded")
    CONCLUDED = "concluded", _("concluded")
    NOT_ACCEPTED = "not_accepted", _("not accepted")
    REFUSED = "refused", _("not granted")
    WITHDRAWN = "withdrawn", _("withdrawn")


S = CaseState

TRANSITIONS: list[tuple[str, str]] = [
    (S.DRAFT, S.SUBMITTED),
    (S.DRAFT, S.WITHDRAWN),
    (S.SUBMITTED, S.ACCEPTED),
    (S.SUBMITTED, S.RETURNED),
    (S.SUBMITTED, S.NOT_ACCEPTED),
    (S.SUBMITTED, S.WITHDRAWN),
    (S.RETURNED, S.SUBMITTED),
    (S.RETURNED, S.ACCEPTED),
    (S.RETURNED, S.WITHDRAWN),
    (S.ACCEPTED, S.RETURNED),
    (S.ACCEPTED, S.PROPOSED),
    (S.ACCEPTED, S.WITHDRAWN),
    (S.PROPOSED, S.ACCEPTED),
    (S.PROPOSED, S.WITHDRAWN),
    (S.DETERMINED, S.WITHDRAWN),
    (S.CHECKED, S.WITHDRAWN),
    (S.CHECKED, S.DETERMINED),
    (S.PUBLICITY, S.WITHDRAWN),
    (S.PUBLICITY, S.ACCEPTED),
    (S.REFUSED, S.ACCEPTED),
    (S.NOT_ACCEPTED, S.SUBMITTED),
    (S.PROPOSED, S.DETERMINED),
    (S.PROPOSED, S.REFUSED),
    (S.DETERMINED, S.CHECKED),
    (S.DETERMINED, S.ACCEPTED),
    (S.DETERMINED, S.PUBLICITY),
    (S.DETERMINED, S.CONCLUDED),
    (S.CHECKED, S.PUBLICITY),
    (S.CHECKED, S.ACCEPTED),
    (S.PUBLICITY, S.AWARDED),
    (S.PUBLICITY, S.CONCLUDED),
    (S.PUBLICITY, S.REFUSED),
]

CLOSED = frozenset({S.AWARDED, S.CONCLUDED, S.NOT_ACCEPTED, S.REFUSED, S.WITHDRAWN})
EDITABLE = frozenset({S.DRAFT, S.RETURNED})
