from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors, Input
from applicants.domain.preferences import choose, chosen_by
from applicants.models.notice import EmailMode


class PreferenceSerializer(Input):
    email = serializers.ChoiceField(
        EmailMode.choices, help_text="What has to be served goes out at once, whatever this says."
    )
    phone = serializers.CharField(max_length=20, allow_blank=True, default="")
    sms = serializers.BooleanField(default=False)


class PreferenceDoors(Doors):
    """How the person who asks is told."""

    serializer_class = PreferenceSerializer
    pagination_class = None

    @extend_schema(responses=PreferenceSerializer)
    def retrieve(self, request: Request) -> Response:
        return Response(chosen_by(self.person))

    @extend_schema(request=PreferenceSerializer, responses=PreferenceSerializer)
    def choose(self, request: Request) -> Response:
        choose(user=self.person, **self.read(PreferenceSerializer))
        return Response(chosen_by(self.person))
