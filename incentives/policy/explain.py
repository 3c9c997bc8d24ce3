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


def listed(
    zh: str, en: str, parts: Sequence[Interval], amount: Interval, left_out: int = 0
) -> Text:
    sums = join([span(p) for p in parts], "、", ", ")
    made = span(amount)
    said = text(f"{zh}（{sums.zh}）= {made.zh}", f"{en} ({sums.en}) = {made.en}")
    if not left_out:
        return said
    return text(
        f"{said.zh}（{left_out} 项未提供，不计入）", f"{said.en} ({left_out} not given, left out)"
    )


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


def dropped(least: Decimal, amount: Interval) -> Text:
    bound = yuan(least)
    if amount.is_point:
        return text(f"低于 {bound.zh}，不计", f"below {bound.en}, so it counts nothing")
    return text(f"低于 {bound.zh} 则不计", f"nothing if it is below {bound.en}")


def not_given(label: Text, amount: Interval) -> Text:
    counts = span(amount)
    return text(f"{label.zh}未提供，按 {counts.zh} 计", f"{label.en} not given: {counts.en}")


def outside(label: Text, option: str) -> Text:
    return text(
        f"{label.zh}（{option}）不在表内，计 0",
        f"{label.en} ({option}) is in no row of the table, so it counts 0",
    )


def granted_before(label: Text, before: Decimal) -> Text:
    if not before:
        return text(f"{label.zh}：此前未核定，计 0", f"{label.en}: nothing granted before, so 0")
    sum_ = yuan(before)
    return text(f"{label.zh}：此前已核定 {sum_.zh}", f"{label.en}: {sum_.en} granted before")


def increase(this: Interval, last: Interval, amount: Interval) -> Text:
    a, b, made = span(this), span(last), span(amount)
    return text(
        f"较上年增加：{a.zh} − {b.zh} = {made.zh}（不小于0）",
        f"increase over last year: {a.en} − {b.en} = {made.en} (never below 0)",
    )


def settled(actual: Interval, advanced: Interval, amount: Interval, back: Interval) -> Text:
    a, b = span(actual), span(advanced)
    zh, en = f"应得 {a.zh}，已预拨 {b.zh}", f"{a.en} due, {b.en} advanced"
    due, over = span(amount), span(back)
    if back.high and not amount.high:
        return text(f"{zh}，应追回 {over.zh}", f"{en}: {over.en} to be recovered")
    if back.high:
        return text(
            f"{zh}，补拨 {due.zh} 或追回 {over.zh}",
            f"{en}: {due.en} more, or {over.en} to be recovered",
        )
    return text(f"{zh}，补拨 {due.zh}", f"{en}: {due.en} more")


ROW_COUNTS = text("计入", "it counts")
ROW_OPEN = text("尚不能确定", "not known yet")


def row_left_out(condition: Text) -> Text:
    return text(
        f"不计入，条件不成立：{condition.zh}", f"left out, this does not hold: {condition.en}"
    )


def row_over(cap: Text) -> Text:
    return text(f"不再计入，次数已满：{cap.zh}", f"not counted again: {cap.en}")


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
