"""Numbers and the steps of an amount put into words, in Chinese and English."""

from collections.abc import Sequence
from decimal import Decimal

from .interval import Interval
from .scalars import to_fen, trim
from .text import Text, join, text


def yuan(amount: Decimal) -> Text:
    """Two places, or all of them while a sum is not rounded yet."""
    written = f"{amount:,.2f}" if amount == to_fen(amount) else f"{trim(amount):,f}"
    return text(f"{written}元", f"CNY {written}")


def percent(rate: Decimal) -> str:
    return f"{trim(rate * 100):f}%"


def span(value: Interval) -> Text:
    """Yuan: one sum, or from one to another."""
    low, high = yuan(value.low), yuan(value.high)
    if value.is_point:
        return low
    return text(f"{low.zh}至{high.zh}", f"{low.en} to {high.en}")


def rates(value: Interval) -> str:
    if value.is_point:
        return percent(value.low)
    return f"{percent(value.low)}–{percent(value.high)}"


def named(label: Text | None, value: Text) -> Text:
    if label is None:
        return value
    return text(f"{label.zh} {value.zh}", f"{label.en} {value.en}")


def fixed(amount: Interval) -> Text:
    return text(f"定额 {span(amount).zh}", f"fixed sum {span(amount).en}")


def looked_up(label: Text, option: Text, amount: Interval) -> Text:
    return text(
        f"按{label.zh}（{option.zh}）：{span(amount).zh}",
        f"by {label.en} ({option.en}): {span(amount).en}",
    )


def band(label: Text, seen: Text, amount: Interval) -> Text:
    return text(
        f"{label.zh} {seen.zh} 所在档：{span(amount).zh}",
        f"{label.en} {seen.en} falls in the band of {span(amount).en}",
    )


def rate_of(base: Text, rate: Interval, amount: Interval) -> Text:
    made = span(amount)
    return text(f"{base.zh} × {rates(rate)} = {made.zh}", f"{base.en} × {rates(rate)} = {made.en}")


def match(base: Text, ratio: Decimal, amount: Interval) -> Text:
    made, times = span(amount), f"{trim(ratio):f}"
    return text(
        f"{base.zh} 按1:{times}配套 = {made.zh}", f"{base.en} matched 1:{times} = {made.en}"
    )


def per_head(label: Text, count: int, each: Interval, amount: Interval) -> Text:
    one, made = span(each), span(amount)
    return text(
        f"{label.zh} {count} × 每个 {one.zh} = {made.zh}",
        f"{label.en} {count} × {one.en} each = {made.en}",
    )


def sum_over(label: Text, rows: int, amount: Interval) -> Text:
    made = span(amount)
    return text(
        f"{label.zh}共 {rows} 行，合计 {made.zh}", f"{label.en}: {rows} rows, {made.en} together"
    )


def chosen(amount: Interval, low: Decimal, high: Decimal) -> Text:
    if low == high:
        return span(amount)
    most, bounds = yuan(high), span(Interval(low, high))
    zh, en = f"最高 {most.zh}", f"up to {most.en}"
    if low:
        zh, en = f"在 {bounds.zh} 之间", f"from {bounds.en}"
    if amount.is_point:
        return text(f"{zh}，选定 {span(amount).zh}", f"{en}, {span(amount).en} chosen")
    return text(f"{zh}，待选定", f"{en}, still to be chosen")


def tiers(base: Text, parts: Sequence[tuple[Interval, Decimal]], amount: Interval) -> Text:
    """The parts of the base at each rate, then what they come to."""
    made = span(amount)
    zh = " + ".join(f"{span(part).zh} × {percent(rate)}" for part, rate in parts) or "0"
    en = " + ".join(f"{span(part).en} × {percent(rate)}" for part, rate in parts) or "0"
    return text(f"{base.zh} 分档：{zh} = {made.zh}", f"{base.en} in bands: {en} = {made.en}")


def listed(zh: str, en: str, parts: Sequence[Interval], amount: Interval) -> Text:
    sums = join([span(p) for p in parts], "、", ", ")
    made = span(amount)
    return text(f"{zh}（{sums.zh}）= {made.zh}", f"{en} ({sums.en}) = {made.en}")


def less(first: Interval, second: Interval, amount: Interval) -> Text:
    a, b, made = span(first), span(second), span(amount)
    return text(
        f"{a.zh} − {b.zh} = {made.zh}（不小于0）", f"{a.en} − {b.en} = {made.en} (never below 0)"
    )


def raised(bound: Decimal, amount: Interval) -> Text:
    return text(
        f"不低于 {yuan(bound).zh}，计 {span(amount).zh}",
        f"at least {yuan(bound).en}, so {span(amount).en}",
    )


def lowered(bound: Decimal, amount: Interval) -> Text:
    return text(
        f"最高 {yuan(bound).zh}，计 {span(amount).zh}",
        f"at most {yuan(bound).en}, so {span(amount).en}",
    )


NOT_COUNTED = text("条件不成立，不计", "its condition does not hold, so it counts nothing")


def step(label: Text | None, parts: Sequence[Text]) -> Text:
    said = join(parts, "；", "; ")
    if label is None:
        return said
    return text(f"{label.zh}：{said.zh}", f"{label.en}: {said.en}")


def added_up(parts: Sequence[Interval], amount: Interval) -> Text:
    return listed("各项合计", "all parts together", parts, amount)


def rounded(amount: Interval) -> Text:
    return text(
        f"四舍五入到分：{span(amount).zh}", f"rounded half up to the fen: {span(amount).en}"
    )


def cut(label: Text, limit: Decimal, by: Decimal) -> Text:
    return text(
        f"{label.zh}：上限 {yuan(limit).zh}，核减 {yuan(by).zh}",
        f"{label.en}: the cap of {yuan(limit).en} cuts {yuan(by).en}",
    )
