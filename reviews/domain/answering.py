"""Which cases have an objection or a reconsideration that this person may decide."""

from collections.abc import Collection

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import Exact

from applicants.models import Event, User
from reviews.domain.reconsiderations import DECIDED, DECISIONS
from reviews.models import Determination, Objection, Reconsideration, Signature
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ObjectionState, ReconsiderationState


def objections(user: User, bureaus: Collection[int]) -> Q:
    """Filed against cases of these bureaus, which the person has not proposed, signed or checked;
    see objections.handle."""
    filed = Objection.objects.filter(item__application=OuterRef("pk"), state=ObjectionState.FILED)
    had_part = _decided_by(user) | Q(checked_by=user.pk)
    return Q(
        Exists(filed),
        ~_determined(had_part),
        handling_bureau__in=bureaus,
        state=CaseState.PUBLICITY,
    )


def reconsiderations(user: User, bureaus: Collection[int]) -> Q:
    """Asked for in cases of these bureaus, by others' decisions; see reconsiderations.decide."""
    asked = Reconsideration.objects.filter(
        application=OuterRef("pk"), state=ReconsiderationState.FILED
    )
    subject = Concat(Value("case:"), Cast(OuterRef("pk"), CharField()))
    decisions = Event.objects.filter(subject=subject, kind__in=DECISIONS).order_by("-id")
    actor = Subquery(decisions.values("actor")[:1])
    decider = Coalesce(actor, Value(0), output_field=BigIntegerField())  # 0: nobody
    return Q(
        Exists(asked),
        ~Q(Exact(decider, user.pk)),
        ~_determined(_decided_by(user)),
        handling_bureau__in=bureaus,
        state__in=DECIDED,
    )


def _decided_by(user: User) -> Q:
    signed = Signature.objects.filter(determination=OuterRef("pk"), signed_by=user.pk)
    return Q(proposed_by=user.pk) | Q(approved_by=user.pk) | Q(Exists(signed))


def _determined(how: Q) -> Q:
    return Q(Exists(Determination.objects.filter(how, application=OuterRef("pk"))))
