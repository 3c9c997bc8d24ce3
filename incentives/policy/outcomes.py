"""What a granted case ends in: money, or an entry in one of the city's registers."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from .checks import Checker
from .positions import Flag, Key
from .text import BadValue, Model, Text, text
from .walk import Place

OutcomeKind = Literal[
    "award",
    "voucher",
    "title",
    "listing",
    "status",
    "in_kind",
    "investment",
    "waiver",
    "filing",
    "nomination",
    "agreement",
]
NEEDS_AMOUNT = frozenset({"award", "voucher"})
"""Kinds that are worth nothing without a sum. Others may compute a figure: it is never paid."""

PAID = frozenset({"award", "voucher"})
"""Kinds whose money the city pays and the ledger holds; a voucher when it is redeemed."""


PUBLISHED = frozenset({"award", "voucher", "title", "listing", "nomination"})
"""Kinds whose intended holders are made public first (公示)."""

DESCRIBED = frozenset({"in_kind", "investment", "waiver", "agreement"})
"""Kinds whose determination states in words what is given, and on which terms."""


class CaseType(NamedTuple):
    label: Text
    kinds: tuple[OutcomeKind, ...]


CASE_TYPES: dict[str, CaseType] = {
    "award": CaseType(text("奖励补助", "award"), ("award",)),
    "risk_compensation": CaseType(text("风险补偿", "risk compensation"), ("award",)),
    "voucher": CaseType(text("科技创新券", "innovation voucher"), ("voucher",)),
    "recognition": CaseType(text("认定", "recognition"), ("title",)),
    "qualification": CaseType(text("资格", "qualification"), ("title",)),
    "evaluation": CaseType(text("评估", "evaluation"), ("title",)),
    "pool_admission": CaseType(text("入库", "admission to a pool"), ("listing",)),
    "list_publication": CaseType(text("清单发布", "publication on a list"), ("listing",)),
    "procurement_listing": CaseType(text("首购目录", "procurement listing"), ("listing",)),
    "project_selection": CaseType(text("项目遴选", "selection of projects"), ("listing",)),
    "platform_selection": CaseType(text("平台遴选", "selection of platforms"), ("listing",)),
    "pilot_selection": CaseType(text("试点遴选", "selection of pilots"), ("listing",)),
    "plan_admission": CaseType(text("纳入计划", "admission to a plan"), ("listing",)),
    "certificate": CaseType(text("证明证件", "certificate"), ("status",)),
    "supervision_status": CaseType(text("监管状态", "status in supervision"), ("status",)),
    "status_filing": CaseType(text("身份状态备案", "filing of a status"), ("status",)),
    "land_policy": CaseType(text("用地政策", "land policy"), ("status", "in_kind")),
    "support": CaseType(text("扶持服务", "support in kind"), ("in_kind",)),
    "service": CaseType(text("服务申请", "request for a service"), ("in_kind",)),
    "access_request": CaseType(text("开放申请", "request for access"), ("in_kind",)),
    "data_access": CaseType(text("数据开放", "access to data"), ("in_kind",)),
    "allocation": CaseType(text("配给", "allocation"), ("in_kind",)),
    "fund_investment": CaseType(text("基金投资", "fund investment"), ("investment",)),
    "fund_concession": CaseType(text("基金让利", "fund concession"), ("investment",)),
    "guarantee": CaseType(text("融资担保", "guarantee"), ("investment",)),
    "fee_waiver": CaseType(text("费用减免", "waiver of a fee"), ("waiver",)),
    "obligation_filing": CaseType(text("法定义务备案", "filing of a duty"), ("filing",)),
    "commitment_filing": CaseType(text("承诺备案", "filing of a commitment"), ("filing",)),
    "registration": CaseType(text("登记", "registration"), ("filing",)),
    "tax_filing": CaseType(text("涉税备案", "tax filing"), ("filing",)),
    "nomination": CaseType(text("推荐上报", "nomination"), ("nomination",)),
    "case_by_case": CaseType(text("一事一议", "case-by-case decision"), ("agreement",)),
}
PAYING = frozenset(name for name, found in CASE_TYPES.items() if PAID.intersection(found.kinds))
"""The types whose cases may end in money."""


class Valid(Model):
    """How long an entry stands: whole years from its day, or until a day that the case names."""

    years: Annotated[int, Field(ge=1, le=100)] | None = None
    up_to_years: Annotated[int, Field(ge=1, le=100)] | None = None
    until: Key | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> "Valid":
        if len(self.model_fields_set) != 1:
            raise BadValue(
                text("有效期应只写一种", "the validity needs exactly one form"),
                text(
                    "请写 {years: 3}、{up_to_years: 10} 或 {until: 日期事实}",
                    "write {years: 3}, {up_to_years: 10} or {until: a date fact}",
                ),
            )
        return self


class Outcome(Model):
    """What a granted case ends in; without `valid` it stands until it is ended.

    `label` names what is conferred, entered or delivered; `level` the choice fact entered with it.
    `on_merit` says that holding the conditions entitles to nothing yet (择优).
    """

    kind: OutcomeKind = "award"
    label: Text | None = None
    level: Key | None = None
    valid: Valid | None = None
    on_merit: Flag = False

    @property
    def pays(self) -> bool:
        return self.kind in PAID

    @property
    def published(self) -> bool:
        return self.kind in PUBLISHED


def check_outcome(checker: Checker, place: Place) -> None:
    programme, there = checker.programme, place.at("outcome")
    outcome = programme.outcome
    case_type = CASE_TYPES.get(programme.case_type)
    if case_type is None:
        known = ", ".join(CASE_TYPES)
        checker.fault(
            ("case_type",),
            text(f"没有办件类型“{programme.case_type}”", f"no case type '{programme.case_type}'"),
            text(f"请写以下之一：{known}", f"write one of: {known}"),
        )
    elif outcome.kind not in case_type.kinds:
        allowed = " / ".join(case_type.kinds)
        checker.fault(
            there.at("kind").loc,
            text(
                f"{programme.case_type} 的结果不能是 {outcome.kind}",
                f"a case of type {programme.case_type} does not end in {outcome.kind}",
            ),
            text(f"请写 outcome: {{kind: {allowed}}}", f"write outcome: {{kind: {allowed}}}"),
        )
    check_sum(checker, place)
    check_entry(checker, there)


def check_sum(checker: Checker, place: Place) -> None:
    programme = checker.programme
    if programme.outcome.kind in NEEDS_AMOUNT and not programme.amount:
        checker.fault(
            place.at("amount").loc,
            text("没有金额", "the programme has no amount"),
            text("请至少写一项金额", "write at least one component"),
        )


def check_entry(checker: Checker, there: Place) -> None:
    outcome = checker.programme.outcome
    if outcome.kind != "award" and outcome.label is None:
        checker.fault(
            there.at("label").loc,
            text("没有写明授予或列入的是什么", "it is not said what is conferred or entered"),
            text("请写 label: {zh: ..., en: ...}", "write label: {zh: ..., en: ...}"),
        )
    if outcome.level is not None:
        checker.fact(outcome.level, there.at("level"), {"choice"})
    if outcome.valid is not None and outcome.valid.until is not None:
        checker.fact(outcome.valid.until, there.at("valid", "until"), {"date"})
