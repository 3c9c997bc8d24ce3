"""What the requests about a case may say. Rules are the verbs'; here are only shapes."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from applicants.api.base import Input
from reviews.domain.undoing import BACK
from reviews.models.determination import Outcome
from reviews.models.objection import ResolutionKind
from reviews.models.supplement import DefectKind
from reviews.models.task import Position

HANDED_BACK_TO = sorted({stage for stages in BACK.values() for stage in stages})

LINE: dict[str, Any] = {"max_length": 2000}
LONG: dict[str, Any] = {"max_length": 10_000, "allow_blank": True}


class StartInput(Input):
    party = serializers.IntegerField(help_text="One of the parties that you act for.")
    city = serializers.CharField(max_length=30)
    programme = serializers.CharField(max_length=80, help_text="Its code.")


class EvidenceInput(Input):
    fact = serializers.CharField(max_length=80)
    document = serializers.UUIDField()


class PayeeInput(Input):
    name = serializers.CharField(**LINE)
    id_number = serializers.CharField(**LINE)
    bank = serializers.CharField(**LINE)
    number = serializers.CharField(**LINE, help_text="The account number.")
    share = serializers.CharField(max_length=40, help_text="Percent: 60 or 33.33.")


class SubmitInput(Input):
    declaration = serializers.BooleanField(default=False, help_text="That what is stated is true.")


class ReasonInput(Input):
    reason = serializers.CharField(**LONG, default="")


class DeclareInput(Input):
    conflict = serializers.BooleanField(help_text="Whether you have an interest in the case.")
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class DefectInput(Input):
    kind = serializers.ChoiceField(DefectKind.choices)
    fact_key = serializers.CharField(max_length=80, allow_blank=True, default="")
    reason = serializers.CharField(max_length=1000)


class DefectsInput(Input):
    defects = DefectInput(many=True, default=list)
    reason = serializers.CharField(
        **LONG, default="", help_text="What is about no single fact or paper."
    )


class PartInput(Input):
    bureau = serializers.CharField(max_length=40, help_text="The code of your bureau.")
    of = serializers.CharField(max_length=40, help_text="The code of the bureau that you ask.")
    question = serializers.CharField(**LONG)


class ResolveInput(Input):
    opinion = serializers.IntegerField(help_text="The opinion that objects or asks.")
    kind = serializers.ChoiceField(ResolutionKind.choices)
    text = serializers.CharField(**LONG)
    held_on = serializers.DateField(default=None, allow_null=True)
    present = serializers.CharField(**LONG, default="")


class HandBackInput(Input):
    to = serializers.ChoiceField([(state.value, state.label) for state in HANDED_BACK_TO])
    reason = serializers.CharField(**LONG, default="")


class NoteInput(Input):
    note = serializers.CharField(**LONG)


class BureauInput(Input):
    bureau = serializers.CharField(max_length=40, help_text="The code of your bureau.")


class OpinionInput(BureauInput):
    position = serializers.ChoiceField(Position.choices)
    text = serializers.CharField(**LONG, default="")


class ConfirmInput(Input):
    facts = serializers.DictField(help_text="Values as seen in the evidence, by fact.")
    notes = serializers.DictField(
        child=serializers.CharField(max_length=300, allow_blank=True), default=dict
    )


class ProposeInput(Input):
    outcome = serializers.ChoiceField(Outcome.choices)
    choices = serializers.DictField(
        child=serializers.CharField(max_length=100), default=dict, help_text="Within the bounds."
    )
    reason = serializers.CharField(**LONG, default="")
    terms = serializers.CharField(
        **LONG, default="", help_text="What is given, where that is described and not paid."
    )
    ends_on = serializers.DateField(
        default=None, allow_null=True, help_text="To which day it stands, within what is printed."
    )


class CommissionInput(Input):
    auditor = serializers.CharField(max_length=160, help_text="The audit firm.")
    auditor_uscc = serializers.CharField(max_length=40, help_text="All 18 characters of its code.")
    scope = serializers.CharField(**LONG)
    due_on = serializers.DateField()


class AuditReportInput(Input):
    auditor = serializers.CharField(max_length=160, help_text="The audit firm.")
    auditor_uscc = serializers.CharField(max_length=40, help_text="All 18 characters of its code.")
    report_number = serializers.CharField(max_length=80, allow_blank=True)
    finding = serializers.CharField(**LONG)
    facts = serializers.JSONField(default=dict, help_text="Audited values by fact, as an object.")
    document = serializers.FileField(required=False, default=None)

    def validate_facts(self, facts: Any) -> dict[str, Any]:
        if not isinstance(facts, dict):
            raise serializers.ValidationError(_("Write an object of values by fact."))
        return facts


class PublishInput(Input):
    cases = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, max_length=500, help_text="Their ids."
    )
    count = serializers.IntegerField(
        default=None, allow_null=True, help_text="How many cases the list had when it was checked."
    )
    total = serializers.DecimalField(
        max_digits=16, decimal_places=2, default=None, allow_null=True,
        help_text="What they came to, in yuan; a list that differs is not published.",
    )  # fmt: skip
    reason = serializers.CharField(
        **LONG, default="", help_text="Why the list is published where the check leaves doubts."
    )
