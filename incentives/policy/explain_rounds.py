"""Why a case of a round receives what it does, in Chinese and English."""

from decimal import Decimal

from .explain import yuan
from .ranking import Place
from .terms import Round
from .text import Text, join, text

GONE = text("已退出本轮", "withdrawn from the round")
TIES = {
    "all": text("并列者全部入选", "all equals at the last place are in"),
    "none": text("并列者均不入选", "no equal at the last place is in"),
    "earlier": text("并列者先申报的入选", "of equals at the last place the earlier filed are in"),
}


def why(found: Round, place: Place, asked: Decimal, part: Decimal, budget: Decimal | None) -> Text:
    said = [ranked(found, place)] if found.rank is not None else []
    if place.admitted:
        said.append(paid(found, asked, part, budget))
    return join(said, "；", "; ")


def ranked(found: Round, place: Place) -> Text:
    zh, en = f"第 {place.rank} 名", f"rank {place.rank}"
    if place.tied:
        zh, en = f"并列{zh}", f"{en}, tied"
    verdict = text("，入选", ", in") if place.admitted else text("，未入选", ", not in")
    said = text(f"{zh}{verdict.zh}", f"{en}{verdict.en}")
    if not place.cut or found.rank is None:
        return said
    rule = TIES[found.rank.ties]
    return text(f"{said.zh}（{rule.zh}）", f"{said.en} ({rule.en})")


def paid(found: Round, asked: Decimal, part: Decimal, budget: Decimal | None) -> Text:
    sum_, full = yuan(part), yuan(asked)
    if part == asked:
        return text(f"全额 {sum_.zh}", f"{sum_.en} in full")
    if found.share == "pro_rata":
        fund = yuan(budget or Decimal(0))
        return text(
            f"预算 {fund.zh} 不足，按比例由 {full.zh} 减为 {sum_.zh}",
            f"the budget of {fund.en} is short: pro rata {full.en} becomes {sum_.en}",
        )
    if part:
        return text(
            f"预算只余 {sum_.zh}，由 {full.zh} 减为此数",
            f"only {sum_.en} of the budget was left for {full.en}",
        )
    return text("预算已用完", "the budget was used up before")
