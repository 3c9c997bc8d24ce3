"""Changes of organisations for registry staff, and help at the window for both of its sides."""

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors, Input, Nothing
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from applicants.domain.errors import Refused
from applicants.domain.identifiers import read_uscc
from applicants.domain.members import parties_of
from applicants.models import Document, Party, PartyChange
from applicants.models.party_change import ChangeKind
from reviews.api.scope import cities_of
from reviews.domain import assistance, party_changes
from reviews.models import Assistance


class PartyChangeSerializer(serializers.ModelSerializer[PartyChange]):
    party = serializers.CharField(source="party.uscc")
    successor = serializers.CharField(source="successor.uscc", default=None, allow_null=True)

    class Meta:
        model = PartyChange
        fields = [
            "id", "city", "kind", "party", "successor", "name_before", "name_after", "passes",
            "effective_on", "basis", "document", "state", "prepared_at", "made_at",
        ]  # fmt: skip
        read_only_fields = fields


class PartyChangeInput(Input):
    city = serializers.CharField(max_length=30)
    kind = serializers.ChoiceField(ChangeKind.choices)
    party = serializers.CharField(max_length=40, help_text="Its unified social credit code.")
    successor = serializers.CharField(max_length=40, required=False, help_text="Likewise.")
    name_after = serializers.CharField(max_length=160, allow_blank=True, default="")
    effective_on = serializers.DateField()
    basis = serializers.CharField(max_length=300)
    document = serializers.UUIDField(help_text="The notice, uploaded on the desk by yourself.")
    cases = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, help_text="Of a split."
    )
    share = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, default=Decimal(0),
        help_text="Percent, of a split.",
    )  # fmt: skip
    ends = serializers.BooleanField(default=False, help_text="Of a split: all that is left passes.")


class DropInput(Input):
    reason = serializers.CharField(max_length=300)


class PartyChangeDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Prepared by the window or a policy editor, made by the coordinating office or another."""

    queryset = PartyChange.objects.none()
    serializer_class = PartyChangeSerializer

    def get_queryset(self) -> QuerySet[PartyChange]:
        return party_changes.changes_for(self.person).select_related("party", "successor")

    @extend_schema(request=PartyChangeInput, responses={201: PartyChangeSerializer})
    def create(self, request: Request) -> Response:
        """Prepare a change; nothing happens before somebody else makes it."""
        given = self.read(PartyChangeInput)
        city = cities_of(self.person, *party_changes.PREPARING).filter(pk=given["city"]).first()
        if city is None:
            raise Refused({"city": _("You have no role in such a city.")})
        named: dict[str, Any] = {
            "city": city,
            "party": _organisation("party", given["party"]),
            "successor": _organisation("successor", given.get("successor", "")),
            "document": Document.objects.filter(pk=given["document"], party=None).first(),
        }
        if named["party"] is None:
            raise Refused({"party": _("Write the credit code of the organisation.")})
        change = party_changes.prepare(user=self.person, **given | named)
        return Response(self.show(change), status=201)

    @extend_schema(parameters=[KEY_PARAMETER], request=Nothing, responses=PartyChangeSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def make(self, request: Request, pk: int) -> Response:
        """Carry the change out: cases, caps and history pass at once."""
        self.read(Nothing)
        return Response(
            self.show(party_changes.make(change_id=self.get_object().pk, user=self.person))
        )

    @extend_schema(request=DropInput, responses=PartyChangeSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        given = self.read(DropInput)
        change = self.get_object()
        return Response(
            self.show(party_changes.cancel(change_id=change.pk, user=self.person, **given))
        )


def _organisation(field: str, code: str) -> Party | None:
    if not code:
        return None
    party = Party.objects.filter(uscc=read_uscc(code)).first()
    if party is None:
        raise Refused({field: _("No organisation has this code here.")})
    return party


class AssistanceSerializer(serializers.ModelSerializer[Assistance]):
    party = serializers.CharField(source="party.name")
    clerk = serializers.CharField(source="clerk.name")

    class Meta:
        model = Assistance
        fields = [
            "id", "city", "party", "clerk", "authorised_by", "reason", "at", "ends_on", "ended_by",
        ]  # fmt: skip
        read_only_fields = fields


class AssistanceDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Who may file for you at the window, or for whom you may; each can end it."""

    queryset = Assistance.objects.none()
    serializer_class = AssistanceSerializer

    def get_queryset(self) -> QuerySet[Assistance]:
        mine = Q(party__in=parties_of(self.person)) | Q(clerk=self.person)
        return Assistance.objects.filter(mine).select_related("party", "clerk")

    @extend_schema(request=Nothing, responses=AssistanceSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """End the help before its last day."""
        self.read(Nothing)
        found = self.get_object()
        return Response(self.show(assistance.end(assistance_id=found.pk, user=self.person)))
