from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import AnyFile, Doors
from applicants.models import Membership, User
from applicants.views.files import serve
from reviews.domain.reading import open_document
from reviews.domain.roles import roles_of
from reviews.models import StaffRole


class OwnPartySerializer(serializers.ModelSerializer[Membership]):
    name = serializers.CharField(source="party.name")

    class Meta:
        model = Membership
        fields = ["party", "name", "role"]
        read_only_fields = fields


class StaffRoleSerializer(serializers.ModelSerializer[StaffRole]):
    bureau = serializers.CharField(source="bureau.code", default=None, allow_null=True)
    held_by = serializers.CharField(
        source="user", help_text="Another's name where a role is lent for an absence."
    )

    class Meta:
        model = StaffRole
        fields = ["city", "bureau", "role", "held_by"]
        read_only_fields = fields


class MeSerializer(serializers.ModelSerializer[User]):
    parties = OwnPartySerializer(many=True)
    roles = StaffRoleSerializer(many=True)

    class Meta:
        model = User
        fields = ["id", "email", "name", "language", "parties", "roles"]
        read_only_fields = fields


class MeDoors(Doors):
    serializer_class = MeSerializer
    pagination_class = None

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        """Who asks: the applicants that the person acts for, and the roles held."""
        user: Any = self.person
        user.parties = user.membership_set.filter(is_active=True).select_related("party")
        user.roles = roles_of(self.person).select_related("bureau", "user").order_by("id")
        return Response(self.show(user))


class PaperDoors(Doors):
    """An uploaded paper: for the applicant's members, and for staff who see a case it lies in."""

    renderer_classes = [AnyFile]
    pagination_class = None

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, pk: UUID) -> FileResponse:
        document = open_document(document_id=pk, user=self.person)
        if document is None:
            raise Http404
        return serve(document)
