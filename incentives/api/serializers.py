"""Programmes and assessments as the API shows them. Sums are strings in yuan."""

from typing import Any

from rest_framework import serializers

from applicants.api.base import Input
from incentives.models import Bureau, ProgrammeVersion

LANGUAGE = "In the language of a programme file."


class TextSerializer(serializers.Serializer[Any]):
    """Words in both languages."""

    zh = serializers.CharField()
    en = serializers.CharField()


class BureauSerializer(serializers.ModelSerializer[Bureau]):
    name = serializers.SerializerMethodField()

    class Meta:
        model = Bureau
        fields = ["code", "name"]
        read_only_fields = fields

    def get_name(self, bureau: Bureau) -> dict[str, str]:
        return {"zh": bureau.name_zh, "en": bureau.name_en}


class ProgrammeSerializer(serializers.ModelSerializer[ProgrammeVersion]):
    """A programme in its newest version."""

    city = serializers.CharField(source="programme.city_id")
    code = serializers.CharField(source="programme.code")
    title = TextSerializer(source="rules.title")
    summary = TextSerializer(source="rules.summary")
    verb = serializers.CharField(source="rules.verb", help_text="As the clause prints it.")
    document = serializers.CharField(source="programme.document.code")
    section = serializers.CharField(source="programme.section")
    case_type = serializers.CharField(source="programme.case_type")
    applicant_kinds = serializers.ListField(
        source="rules.roles.applicant", child=serializers.CharField()
    )
    bureaus = serializers.ListField(
        source="rules.bureaus.printed",
        child=serializers.CharField(),
        help_text="Codes of the responsible bureaus in printed order.",
    )
    handling_bureau = serializers.CharField(source="programme.handling_bureau.code")
    version = serializers.IntegerField(source="number")

    class Meta:
        model = ProgrammeVersion
        fields = [
            "city", "code", "title", "summary", "verb", "document", "section", "case_type",
            "applicant_kinds", "bureaus", "handling_bureau", "version", "digest",
        ]  # fmt: skip
        read_only_fields = fields


class FactSerializer(serializers.Serializer[Any]):
    """What a case is asked for. `options` of a choice and `columns` of a roster by their key."""

    key = serializers.CharField()
    type = serializers.CharField()
    label = TextSerializer()  # type: ignore[assignment]
    help = TextSerializer(allow_null=True)
    unit = TextSerializer(allow_null=True)
    evidence = TextSerializer(many=True)
    profile = serializers.BooleanField()
    optional = serializers.BooleanField()
    minimum = serializers.CharField(allow_null=True)
    maximum = serializers.CharField(allow_null=True)
    options = serializers.DictField(child=TextSerializer())
    columns = serializers.DictField(help_text=LANGUAGE)


class AssumptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    question = TextSerializer()
    reading = serializers.JSONField(help_text="The reading in force.")
    because = TextSerializer()


class ProgrammeDetailSerializer(ProgrammeSerializer):
    quote = serializers.CharField(source="rules.source.quote")
    also = serializers.ListField(
        source="rules.source.also",
        child=serializers.CharField(),
        help_text="Further sentences of the clause, apart from the first.",
    )
    responsible = serializers.ListField(
        child=BureauSerializer(), help_text="The bureaus by name, in printed order."
    )
    facts = FactSerializer(many=True)
    conditions = serializers.ListField(child=serializers.DictField(), help_text=LANGUAGE)
    amount = serializers.ListField(child=serializers.DictField(), help_text=LANGUAGE)
    caps = serializers.ListField(child=serializers.DictField(), help_text=LANGUAGE)
    same_event = serializers.ListField(child=serializers.DictField(), help_text=LANGUAGE)
    assumptions = AssumptionSerializer(many=True)
    settings = serializers.DictField(help_text="What the city has set, by parameter.")
    examples = serializers.ListField(child=serializers.DictField(), help_text=LANGUAGE)

    class Meta(ProgrammeSerializer.Meta):
        fields = [
            *ProgrammeSerializer.Meta.fields,
            "quote", "also", "responsible", "facts", "conditions", "amount", "caps",
            "same_event",
            "assumptions", "settings", "examples",
        ]  # fmt: skip
        read_only_fields = fields


class AssessInput(Input):
    facts = serializers.DictField(
        default=dict, help_text="Values by fact; sums and rates best as strings: 8000000.00, 5%."
    )
    choices = serializers.DictField(
        child=serializers.CharField(max_length=100),
        default=dict,
        help_text="What a reviewer chooses.",
    )
    on = serializers.DateField(required=False, help_text="The day of the case; today if absent.")


class StepSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = TextSerializer()
    minimum = serializers.CharField(allow_null=True)
    maximum = serializers.CharField(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True, help_text="null: not known yet")
    text = TextSerializer()
    seen = serializers.DictField(child=serializers.CharField(allow_null=True))


class CapLineSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = TextSerializer()  # type: ignore[assignment]
    limit = serializers.CharField(allow_null=True, help_text="Yuan, or a count of awards.")
    unit = serializers.CharField()
    per = serializers.ListField(child=serializers.CharField())
    period = serializers.CharField()
    year_of = serializers.CharField(allow_null=True)
    printed = serializers.BooleanField()
    cuts = serializers.CharField(allow_null=True)


class OpenChoiceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    minimum = serializers.CharField()
    maximum = serializers.CharField()
    kind = serializers.CharField()


class TakenReadingSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    reading = serializers.JSONField()
    question = TextSerializer()


class AssessmentSerializer(serializers.Serializer[Any]):
    """Sums stand after the caps on an empty history."""

    programme = serializers.CharField()
    on = serializers.DateField()
    decision = serializers.CharField(
        help_text="eligible, ineligible, needs_facts, needs_choice, needs_setting or pending_round"
    )
    amount = serializers.CharField(allow_null=True)
    minimum = serializers.CharField(allow_null=True)
    maximum = serializers.CharField(allow_null=True)
    steps = StepSerializer(many=True)
    reasons = ReasonSerializer(many=True)
    caps = CapLineSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    unset = serializers.ListField(child=serializers.CharField())
    choices = OpenChoiceSerializer(many=True)
    assumptions = TakenReadingSerializer(many=True)
    warnings = TextSerializer(many=True)


class ProfileFactSerializer(serializers.Serializer[Any]):
    """A fact that several programmes ask for; `value` is null until it is declared."""

    key = serializers.CharField()
    type = serializers.CharField()
    label = TextSerializer()  # type: ignore[assignment]
    value = serializers.JSONField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    as_of = serializers.DateField(allow_null=True)


class FactsInput(Input):
    facts = serializers.DictField(help_text="Values by fact; null or empty clears.")
