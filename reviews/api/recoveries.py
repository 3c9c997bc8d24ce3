"""Demands for money paid (追缴), what came back of each, and the reversal of a wrong receipt."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors, Input
from applicants.api.confirmed_anew import confirmed
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from incentives.domain import receipts
from incentives.domain.recoveries import open_amount
from incentives.models import ReceiptReversal, Recovery, RecoveryEntry
from incentives.models.recovery import RecoveryState
from reviews.api.inputs import LONG, ReasonInput
from reviews.api.serializers import YUAN
from reviews.domain import recovering


class RecoverySerializer(serializers.ModelSerializer[Recovery]):
    case_number = serializers.CharField(source="award.case_number")
    party_name = serializers.CharField(source="party.name")
    amount = serializers.DecimalField(**YUAN)

    class Meta:
        model = Recovery
        fields = [
            "id", "number", "city", "case_number", "party", "party_name", "amount", "state",
            "reason", "due_on",
        ]  # fmt: skip
        read_only_fields = fields


class RecoveryEntrySerializer(serializers.ModelSerializer[RecoveryEntry]):
    amount = serializers.DecimalField(
        **YUAN, help_text="Below 0 where a receipt, or a write-off, was taken back."
    )
    reverses = serializers.IntegerField(
        source="reverses_id", allow_null=True, help_text="The entry that was entered wrongly."
    )

    class Meta:
        model = RecoveryEntry
        fields = ["id", "kind", "amount", "received_on", "reference", "recorded_at", "reverses"]
        read_only_fields = fields


class ReceiptReversalSerializer(serializers.ModelSerializer[ReceiptReversal]):
    receipt = serializers.IntegerField(source="receipt_id")
    prepared_by = serializers.CharField()

    class Meta:
        model = ReceiptReversal
        fields = ["id", "receipt", "reason", "evidence", "prepared_by", "prepared_at"]
        read_only_fields = fields


class RecoveryDetailSerializer(RecoverySerializer):
    open = serializers.DecimalField(
        **YUAN, source="open_", help_text="Neither came back nor was written off."
    )
    entries = RecoveryEntrySerializer(many=True)
    waits = ReceiptReversalSerializer(
        allow_null=True, help_text="The reversal of a receipt that waits for its second signature."
    )

    class Meta(RecoverySerializer.Meta):
        fields = [*RecoverySerializer.Meta.fields, "open", "entries", "waits"]
        read_only_fields = fields


class ReverseInput(Input):
    receipt = serializers.IntegerField(help_text="The entry that was entered wrongly.")
    reason = serializers.CharField(**LONG, default="")
    evidence = serializers.CharField(**LONG, default="", help_text="What shows it.")


class ShownInput(Input):
    reversal = serializers.IntegerField(help_text="The reversal that waits, as `waits` says it.")


class DropReversalInput(ShownInput, ReasonInput):
    pass


class RecoveryFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=RecoveryState.choices)
    case_number = filters.CharFilter("award__case_number")

    class Meta:
        model = Recovery
        fields = ["state"]


def step(wanted: type[Input] | None, *, signs: bool = False) -> Callable[[Any], Any]:
    """A POST on a demand that answers where it stands afterwards; a signature is confirmed."""

    def door(method: Any) -> Any:
        path = method.__name__.replace("_", "-")
        routed = action(detail=True, methods=["post"], filterset_class=None, url_path=path)
        return extend_schema(
            parameters=[KEY_PARAMETER], request=wanted, responses=RecoveryDetailSerializer
        )(routed(confirmed(idempotent(method)) if signs else idempotent(method)))

    return door


class RecoveryDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Demands of the cities in which you are of finance, the newest first."""

    queryset = Recovery.objects.none()
    filterset_class = RecoveryFilter

    def get_queryset(self) -> QuerySet[Recovery]:
        return recovering.recoveries_for(self.person)

    def get_serializer_class(self) -> type[RecoverySerializer]:
        return RecoverySerializer if self.action == "list" else RecoveryDetailSerializer

    def get_object(self) -> Any:
        found = super().get_object()
        found.open_, found.waits = open_amount(found), receipts.waiting(found)
        return found

    def take(self, verb: Callable[..., object], wanted: type[Input]) -> Response:
        verb(recovery_id=self.get_object().pk, user=self.person, **self.read(wanted))
        return Response(self.show(self.get_object()))

    @step(ReverseInput)
    def reverse_receipt(self, request: Request, pk: str) -> Response:
        """Ask that a receipt which was entered wrongly is reversed; another approves."""
        return self.take(recovering.prepare_reversal, ReverseInput)

    @step(ShownInput, signs=True)
    def approve_reversal(self, request: Request, pk: str) -> Response:
        """Approve the reversal that another person prepared."""
        return self.take(recovering.approve_reversal, ShownInput)

    @step(DropReversalInput)
    def drop_reversal(self, request: Request, pk: str) -> Response:
        """Drop the reversal that waits, with the reason."""
        return self.take(recovering.drop_reversal, DropReversalInput)
