"""Awards, ledger, payouts, pools and caps as the API shows them. Sums are strings in yuan."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from applicants.api.base import Input
from incentives.domain.bank_results import Preview
from incentives.domain.findings import standing
from incentives.domain.payout_files import transfer_of
from incentives.models import (
    Award,
    BankResult,
    Counter,
    CounterEntry,
    Instalment,
    LedgerEntry,
    PayeeHold,
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    Pool,
)
from incentives.models.payout import LineState
from reviews.api.serializers import YUAN


def code(source: str) -> serializers.CharField:
    return serializers.CharField(source=f"{source}.code")


def code_or_none(source: str) -> serializers.CharField:
    return serializers.CharField(source=f"{source}.code", default=None, allow_null=True)


class AwardSerializer(serializers.ModelSerializer[Award]):
    programme, bureau, district = code("programme"), code("bureau"), code_or_none("district")
    applicant = serializers.IntegerField(source="applicant_id")
    applicant_name = serializers.CharField(source="applicant.name")
    assessed = serializers.DecimalField(**YUAN)
    amount = serializers.DecimalField(**YUAN)

    class Meta:
        model = Award
        fields = [
            "id", "city", "case_number", "programme", "bureau", "district", "applicant",
            "applicant_name", "verb", "payer", "state", "assessed", "amount", "approval_year",
            "approved_at", "committed_at",
        ]  # fmt: skip
        read_only_fields = fields


class InstalmentSerializer(serializers.ModelSerializer[Instalment]):
    case_number = serializers.CharField(source="award.case_number")
    programme = code("award.programme")
    payee_name = serializers.CharField(source="payee.name")
    amount = serializers.DecimalField(**YUAN)

    class Meta:
        model = Instalment
        fields = [
            "id", "case_number", "programme", "number", "kind", "payer", "payee_name", "amount",
            "due_kind", "due_on",
        ]  # fmt: skip
        read_only_fields = fields


class PayeeHoldSerializer(serializers.ModelSerializer[PayeeHold]):
    case_number = serializers.CharField(source="award.case_number")
    payee_name = serializers.CharField(source="payee.name", default=None, allow_null=True)
    account = serializers.CharField(
        source="account.masked", default=None, allow_null=True, help_text="Masked."
    )
    released_by = serializers.CharField(default=None, allow_null=True)

    class Meta:
        model = PayeeHold
        fields = [
            "id", "case_number", "payee_name", "kind", "account", "text", "opened_at",
            "released_by", "released_at", "reason",
        ]  # fmt: skip
        read_only_fields = fields


class DueSerializer(InstalmentSerializer):
    """An instalment that is due; `held` says what keeps its payment back.

    `listed` are today's listings for bad credit that nobody has looked at and released.
    """

    held = serializers.SerializerMethodField()
    listed = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(InstalmentSerializer.Meta):
        fields = [*InstalmentSerializer.Meta.fields, "held", "listed"]
        read_only_fields = fields

    @extend_schema_field(PayeeHoldSerializer(many=True))
    def get_held(self, part: Instalment) -> Any:
        return PayeeHoldSerializer(part.held_by, many=True).data  # type: ignore[attr-defined]


class AwardDetailSerializer(AwardSerializer):
    instalments = serializers.SerializerMethodField()

    class Meta(AwardSerializer.Meta):
        fields = [*AwardSerializer.Meta.fields, "instalments"]
        read_only_fields = fields

    @extend_schema_field(InstalmentSerializer(many=True))
    def get_instalments(self, award: Award) -> Any:
        parts = standing(award).select_related("award__programme", "payee").order_by("number")
        return InstalmentSerializer(parts, many=True).data


class LedgerEntrySerializer(serializers.ModelSerializer[LedgerEntry]):
    programme, bureau, district = code("programme"), code("bureau"), code_or_none("district")
    applicant_name = serializers.CharField(source="applicant.name")
    payee_name = serializers.CharField(source="payee.name", default=None, allow_null=True)
    actor = serializers.CharField()
    amount = serializers.DecimalField(**YUAN)

    class Meta:
        model = LedgerEntry
        fields = [
            "id", "city", "stage", "amount", "posted_at", "year", "approval_year", "award",
            "case_number", "programme", "verb", "payer", "bureau", "district", "applicant",
            "applicant_name", "payee_name", "actor", "reason",
        ]  # fmt: skip
        read_only_fields = fields


class PayoutLineSerializer(serializers.ModelSerializer[PayoutLine]):
    payee_name = serializers.CharField(source="payee.name")
    account = serializers.CharField(source="account.masked", help_text="Masked.")
    amount = serializers.DecimalField(**YUAN)
    withheld = serializers.DecimalField(**YUAN, help_text="Tax.")
    netted = serializers.DecimalField(**YUAN, help_text="Kept back for demands.")
    pays = serializers.DecimalField(**YUAN, help_text="What the bank transfers.")

    class Meta:
        model = PayoutLine
        fields = [
            "id", "number", "instalment", "payee_name", "account", "amount", "withheld",
            "withheld_less", "netted", "pays", "funding_source", "subject_code", "state",
            "result_at", "result_note",
        ]  # fmt: skip
        read_only_fields = fields


class PayoutFileSerializer(serializers.ModelSerializer[PayoutFile]):
    layout = serializers.CharField(
        source="layout.code", default=None, allow_null=True, help_text="The payout format's code."
    )

    class Meta:
        model = PayoutFile
        fields = ["layout", "format", "name", "sha256", "created_at"]
        read_only_fields = fields


class BatchSerializer(serializers.ModelSerializer[PayoutBatch]):
    district = code_or_none("district")
    total = serializers.DecimalField(**YUAN, help_text="Before tax and netting.")
    prepared_by = serializers.CharField()
    approved_by = serializers.CharField(allow_null=True)

    class Meta:
        model = PayoutBatch
        fields = [
            "id", "city", "number", "state", "payer", "district", "line_count", "total",
            "prepared_by", "prepared_at", "approved_by", "approved_at", "exported_at", "settled_at",
        ]  # fmt: skip
        read_only_fields = fields


class TransferSerializer(serializers.Serializer[Any]):
    """What the files ask the bank for; total = amount + withheld + netted."""

    lines = serializers.IntegerField()
    amount = serializers.DecimalField(**YUAN)
    withheld = serializers.DecimalField(**YUAN)
    netted = serializers.DecimalField(**YUAN)


class BatchDetailSerializer(BatchSerializer):
    transfer = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()
    files = PayoutFileSerializer(many=True)

    class Meta(BatchSerializer.Meta):
        fields = [*BatchSerializer.Meta.fields, "transfer", "lines", "files"]
        read_only_fields = fields

    @extend_schema_field(TransferSerializer)
    def get_transfer(self, batch: PayoutBatch) -> Any:
        return TransferSerializer(transfer_of(batch)).data

    @extend_schema_field(PayoutLineSerializer(many=True))
    def get_lines(self, batch: PayoutBatch) -> Any:
        return PayoutLineSerializer(batch.lines.select_related("payee", "account"), many=True).data


class WithheldInput(Input):
    instalment = serializers.IntegerField()
    amount = serializers.DecimalField(**YUAN)
    why_less = serializers.CharField(
        max_length=500, default="", allow_blank=True,
        help_text="The reason, where it is less than was withheld before the payment came back.",
    )  # fmt: skip


class PrepareInput(Input):
    city = serializers.CharField(max_length=30)
    district = serializers.CharField(
        max_length=30, default="", allow_blank=True,
        help_text="The code of the district whose money it is; without, the city's.",
    )  # fmt: skip
    instalments = serializers.ListField(
        child=serializers.IntegerField(), max_length=10_000, help_text="Ids of what is due."
    )
    net = serializers.ListField(
        child=serializers.IntegerField(),
        max_length=10_000,
        default=list,
        help_text="Of those, whose payee's open demands are netted.",
    )
    withheld = WithheldInput(
        many=True,
        default=list,
        help_text="Tax of payments to persons; of one that came back, it is carried on by itself.",
    )
    until = serializers.DateField(
        default=None,
        allow_null=True,
        help_text="To pay early: the day by which what is chosen falls due. Without, today.",
    )


class AnswerInput(Input):
    line = serializers.IntegerField(help_text="The line's id.")
    result = serializers.ChoiceField([LineState.PAID.value, LineState.RETURNED.value])
    note = serializers.CharField(max_length=2000, allow_blank=True, default="")


class SettleInput(Input):
    lines = AnswerInput(many=True)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({line["line"] for line in lines}) != len(lines):
            raise serializers.ValidationError(_("Each line may be answered once."))
        return lines


class BankFileInput(Input):
    file = serializers.FileField(
        allow_empty_file=True, max_length=200, help_text="XLSX or CSV of the bank, 1 MB."
    )


class BankRowSerializer(serializers.Serializer[Any]):
    """A row of the bank's file: what it would record, or why it is not taken."""

    row = serializers.IntegerField(help_text="In the file.")
    line = serializers.IntegerField(source="line.pk", default=None, allow_null=True)
    amount = serializers.DecimalField(**YUAN, allow_null=True)
    result = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True)
    known = serializers.BooleanField(help_text="Recorded before, as the row says.")


class BankPreviewSerializer(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    earlier = serializers.IntegerField(source="earlier.pk", default=None, allow_null=True)
    paid = serializers.SerializerMethodField()
    returned = serializers.SerializerMethodField()
    rows = BankRowSerializer(many=True, source="answers")

    @extend_schema_field(serializers.DecimalField(**YUAN))
    def get_paid(self, preview: Preview) -> str:
        return f"{preview.sums()[LineState.PAID][1]:.2f}"

    @extend_schema_field(serializers.DecimalField(**YUAN))
    def get_returned(self, preview: Preview) -> str:
        return f"{preview.sums()[LineState.RETURNED][1]:.2f}"


class BankResultSerializer(serializers.ModelSerializer[BankResult]):
    imported_by = serializers.CharField()

    class Meta:
        model = BankResult
        fields = ["id", "name", "sha256", "paid", "returned", "imported_by", "imported_at"]
        read_only_fields = fields


class PoolSerializer(serializers.ModelSerializer[Pool]):
    limit = serializers.DecimalField(**YUAN)
    used = serializers.DecimalField(**YUAN, help_text="By awards approved in that year.")
    programmes: Any = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)
    set_by = serializers.CharField()

    class Meta:
        model = Pool
        fields = [
            "id", "city", "code", "year", "title", "limit", "used", "programmes", "basis",
            "set_by", "set_at",
        ]  # fmt: skip
        read_only_fields = fields


class PoolInput(Input):
    city = serializers.CharField(max_length=30)
    code = serializers.SlugField(max_length=40)
    year = serializers.IntegerField(min_value=1990, max_value=2999)
    title = serializers.CharField(max_length=160)
    limit = serializers.DecimalField(**YUAN, min_value=0)
    programmes = serializers.ListField(
        child=serializers.CharField(max_length=80), default=list, help_text="None: all."
    )
    basis = serializers.CharField(max_length=300)


class CapSerializer(serializers.ModelSerializer[Counter]):
    limit = serializers.DecimalField(**YUAN)
    used = serializers.DecimalField(**YUAN)
    left = serializers.SerializerMethodField()

    class Meta:
        model = Counter
        fields = ["id", "city", "key", "kind", "unit", "limit", "used", "left"]
        read_only_fields = fields

    @extend_schema_field(serializers.DecimalField(**YUAN))
    def get_left(self, cap: Counter) -> str:
        return f"{cap.limit - cap.used:.2f}"


class CapEntrySerializer(serializers.ModelSerializer[CounterEntry]):
    """Of a ledger line, or of a list of balances from before; `change` moved it to a successor."""

    amount = serializers.DecimalField(**YUAN, help_text="Below 0 where it gave back.")
    entry = serializers.IntegerField(source="entry_id", allow_null=True, help_text="Ledger line.")
    case_number = serializers.CharField(source="entry.case_number", default=None, allow_null=True)
    stage = serializers.CharField(source="entry.stage", default=None, allow_null=True)
    opening_list = serializers.CharField(
        source="opening.of.file_name", default=None, allow_null=True
    )
    opening_row = serializers.IntegerField(source="opening.number", default=None, allow_null=True)
    change = serializers.IntegerField(
        source="change_id", allow_null=True, help_text="Change of an organisation."
    )

    class Meta:
        model = CounterEntry
        fields = [
            "id", "amount", "entry", "case_number", "stage", "opening_list", "opening_row",
            "change",
        ]  # fmt: skip
        read_only_fields = fields
