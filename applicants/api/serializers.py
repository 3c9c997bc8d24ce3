from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from applicants.api.base import Input
from applicants.domain.wording import render
from applicants.models import BankAccount, District, Document, Membership, Notice, Party
from applicants.models.party import MemberRole, PartyKind

ORGANISATIONS = [choice for choice in PartyKind.choices if choice[0] != PartyKind.PERSON]
# How long a line may be is said by the verb, and by how much it is too long.
LINE: dict[str, Any] = {"max_length": 2000}


class PartySerializer(serializers.ModelSerializer[Party]):
    number = serializers.CharField(
        source="number_shown", help_text="The credit code, or a person's number masked."
    )
    district = serializers.CharField(source="district.code", default=None, allow_null=True)

    class Meta:
        model = Party
        fields = ["id", "kind", "name", "number", "district", "address", "phone", "created_at"]
        read_only_fields = fields


class DistrictField(serializers.SlugRelatedField[District]):
    """A district by its code, or null outside the city."""

    def __init__(self, **more: Any) -> None:
        super().__init__(slug_field="code", **more)

    def to_internal_value(self, data: Any) -> District:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class DetailsInput(Input):
    name = serializers.CharField(**LINE)
    district = DistrictField(queryset=District.objects.all(), allow_null=True, default=None)
    address = serializers.CharField(**LINE, allow_blank=True, default="")
    phone = serializers.CharField(**LINE, allow_blank=True, default="")


class OrganisationInput(DetailsInput):
    uscc = serializers.CharField(**LINE)
    kind = serializers.ChoiceField(ORGANISATIONS)


class PersonInput(Input):
    name = serializers.CharField(**LINE)
    id_number = serializers.CharField(**LINE)
    phone = serializers.CharField(**LINE, allow_blank=True, default="")


class AccountSerializer(serializers.ModelSerializer[BankAccount]):
    number = serializers.CharField(source="masked", help_text="Masked to its last four digits.")

    class Meta:
        model = BankAccount
        fields = ["id", "holder", "bank", "bank_code", "number", "is_current", "created_at"]
        read_only_fields = fields


class AccountInput(Input):
    holder = serializers.CharField(**LINE)
    bank = serializers.CharField(**LINE)
    number = serializers.CharField(**LINE)
    bank_code = serializers.CharField(**LINE, allow_blank=True, default="")


class MemberSerializer(serializers.ModelSerializer[Membership]):
    email = serializers.CharField(source="user.email")
    name = serializers.CharField(source="user.name")

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "created_at"]
        read_only_fields = fields


class MemberInput(Input):
    email = serializers.EmailField()
    role = serializers.ChoiceField(MemberRole.choices)


class DocumentSerializer(serializers.ModelSerializer[Document]):
    class Meta:
        model = Document
        fields = ["id", "party", "name", "content_type", "size", "sha256", "uploaded_at"]
        read_only_fields = fields


class UploadInput(Input):
    file = serializers.FileField(
        allow_empty_file=True,
        max_length=1000,
        help_text="PDF, OFD, PNG, JPEG, XLSX, DOCX or CSV, 20 MB.",
    )


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ["id", "kind", "title", "text", "data", "url", "created_at", "read_at"]
        read_only_fields = fields
        extra_kwargs = {"data": {"help_text": "What the words are filled with."}}

    @extend_schema_field(OpenApiTypes.STR)
    def get_title(self, notice: Notice) -> str:
        return render(notice)[0]

    @extend_schema_field(OpenApiTypes.STR)
    def get_text(self, notice: Notice) -> str:
        return render(notice)[1]


class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class SignUpInput(Input):
    email = serializers.EmailField()
    password = serializers.CharField(max_length=500, trim_whitespace=False)


class TokenInput(Input):
    email = serializers.EmailField(required=False)
    password = serializers.CharField(required=False, max_length=500, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
