from typing import Any

from rest_framework import serializers

from applicants.models import Document
from reviews.models import CaseNote, Delegation
from reviews.presenters.history_entry import GROUPS


class NoteSerializer(serializers.ModelSerializer[CaseNote]):
    bureau = serializers.CharField(source="bureau.code")
    author = serializers.CharField()
    mentions = serializers.ListField(child=serializers.CharField(), source="mentions.all")

    class Meta:
        model = CaseNote
        fields = ["id", "text", "bureau", "author", "at", "mentions"]
        read_only_fields = fields


class QueueSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    count = serializers.CharField(help_text="In figures; 200+ beyond the ceiling.")


class DelegationSerializer(serializers.ModelSerializer[Delegation]):
    absent = serializers.CharField(source="user")
    deputy = serializers.CharField()
    city = serializers.CharField(source="bureau.city_id")
    bureau = serializers.CharField(source="bureau.code")
    made_by = serializers.CharField()

    class Meta:
        model = Delegation
        fields = [
            "id", "absent", "deputy", "city", "bureau", "starts_on", "ends_on", "ended_at",
            "made_by", "made_at",
        ]  # fmt: skip
        read_only_fields = fields


class PaperSerializer(serializers.ModelSerializer[Document]):
    class Meta:
        model = Document
        fields = ["id", "name"]
        read_only_fields = fields


class EntrySerializer(serializers.Serializer[Any]):
    """One entry of a case's full history, in the language asked for."""

    at = serializers.DateTimeField()
    group = serializers.ChoiceField(list(GROUPS))
    says = serializers.CharField()
    who = serializers.CharField()
    office = serializers.CharField(allow_blank=True)
    for_whom = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    lines = serializers.ListField(child=serializers.CharField())
    papers = PaperSerializer(many=True)
