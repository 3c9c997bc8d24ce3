"""The lines that a simulation writes: what was assessed, granted and cut, and why."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from incentives.domain.counters import CounterRequest
from incentives.domain.simulate_events import Redeem, Revoke, SetFund
from incentives.domain.simulate_settle import Line
from incentives.policy import explain
from incentives.policy.books import BookCut, Books, Taken
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import both, yuan
from incentives.policy.result import Assessment
from incentives.policy.text import Text, join, text

ONE_EVENT = text("同一事项不重复享受", "one event is rewarded once")


class Label(NamedTuple):
    """The id of a cap, event group, tally, pool or budget, and its words."""

    id: str
    says: Text


Labels = dict[str, Label]


def labels_of(rules: Rules, asked: Iterable[CounterRequest]) -> Labels:
    caps = {cap.id: cap.label for cap in rules.caps}
    tallies = {name: tally.label for name, tally in rules.tallies.items()}
    says = {"cap": caps, "tally": tallies, "event": dict[str, Text]()}
    return {one.key: Label(one.id, says[one.kind].get(one.id, ONE_EVENT)) for one in asked}


def fund_label(fund: SetFund) -> Label:
    zh, en = (
        ("年度预算", "yearly budget") if fund.kind == "budget" else ("年度总额上限", "yearly pool")
    )
    return Label(fund.code, text(f"{fund.year}{zh} {fund.code}", f"{en} {fund.code} {fund.year}"))


def told(line: Line, found: Assessment, taken: Taken | None, labels: Labels) -> dict[str, Any]:
    """One application. Where nothing is paid `granted` is None, and while it is pending."""
    case = line.case
    said: dict[str, Any] = {
        "ref": case.ref,
        "programme": case.rules.code,
        "on": case.on.isoformat(),
        "approved_on": case.approved_on,
        "applicant": case.applicant,
        "decision": found.decision,
        "assessed": yuan(line.assessed),
        "granted": yuan(line.granted) if line.pays and not line.pending else None,
    }
    if line.pending:
        said |= {"pending": list(line.pending), "reserved": yuan(line.granted)}
    cuts = [] if taken is None or line.assessed is None else [
        cut_told(cut, line.assessed, labels) for cut in taken.cuts
    ]  # fmt: skip
    said |= {"cuts": cuts, "why": both(why(line, found, taken, labels))}
    within = [capped(one) for one in found.caps if one.cuts]
    rows = [
        {"row": one.row, "granted": yuan(one.minimum), "why": both(one.text)} for one in found.rows
    ]
    return said | ({"capped": within} if within else {}) | ({"rows": rows} if rows else {})


def capped(one: Any) -> dict[str, Any]:
    """A cap that took from this case by itself, before any history."""
    return {"id": one.id, "label": both(one.label), "cut": yuan(one.cuts)}


def cut_told(cut: BookCut, assessed: Decimal, labels: Labels) -> dict[str, Any]:
    label = labels[cut.key]
    return {
        "id": label.id,
        "kind": cut.kind,
        "unit": cut.unit,
        "label": both(label.says),
        "limit": figure(cut.limit, cut.unit),
        "used": figure(cut.used, cut.unit),
        "room": yuan(cut.room),
        "cut": yuan(assessed - cut.room),
        "by": list(cut.by),
        "by_count": cut.by_count,
    }


def figure(value: Decimal, unit: str) -> str:
    return f"{value:.2f}" if unit == "yuan" else f"{int(value)}"


def why(line: Line, found: Assessment, taken: Taken | None, labels: Labels) -> Text:
    if line.assessed is None or taken is None:
        return undecided(found) or text(
            "符合条件；本事项不支付资金", "the conditions hold; this programme pays no money"
        )
    parts = [text(f"核定{yen(line.assessed).zh}", f"assessed {yen(line.assessed).en}")]
    parts += [cut_words(cut, labels[cut.key].says) for cut in taken.cuts]
    if not taken.cuts:
        parts.append(text("各项上限均有余额", "every ceiling has room for it"))
    said = yen(line.granted)
    if line.pending:
        names = ", ".join(line.pending)
        zh, en = f"待{names}年末结算", f"reserved until {names} is settled at the end of the year"
        parts.append(text(f"保留{said.zh}，{zh}", f"{said.en} {en}"))
    else:
        parts.append(text(f"授予{said.zh}", f"granted {said.en}"))
    return join(parts, "；", "; ")


def yen(amount: Decimal) -> Text:
    return explain.yuan(amount)


def cut_words(cut: BookCut, says: Text) -> Text:
    by = ", ".join(cut.by[-3:]) + (" …" if cut.by_count > 3 else "")
    limit, used = figure(cut.limit, cut.unit), figure(cut.used, cut.unit)
    return text(
        f"{says.zh}：上限{limit}，已用{used}（{by}），余{yuan(cut.room)}元",
        f"{says.en}: limit {limit}, used {used} (by {by}), which leaves CNY {yuan(cut.room)}",
    )


def undecided(found: Assessment) -> Text | None:
    """Why nothing is granted: a condition that fails, or what is still needed."""
    if found.decision == "ineligible":
        failed = [reason.text for reason in found.reasons if reason.holds is False]
        return text(
            f"不符合：{join(failed, '；').zh}", f"does not hold: {join(failed, en='; ').en}"
        )
    needs = {
        "needs_facts": ("缺少事实", "facts are missing", found.missing),
        "needs_setting": ("参数尚未设定", "settings are not set", found.unset),
        "needs_choice": ("须在区间内选定", "to be chosen within bounds",
                         tuple(choice.name for choice in found.choices)),
    }  # fmt: skip
    if found.decision not in needs:
        return None
    zh, en, names = needs[found.decision]
    return text(f"{zh}：{', '.join(names)}", f"{en}: {', '.join(names)}")


def standing(books: Books, keys: Iterable[str], labels: Labels) -> list[dict[str, Any]]:
    """What each of these counters has used of its limit now."""
    return [
        {
            "id": labels[key].id,
            "kind": counter.kind,
            "label": both(labels[key].says),
            "limit": figure(counter.limit, counter.unit),
            "used": figure(counter.used, counter.unit),
        }
        for key in keys
        if (counter := books.counters[key]).kind != "tally"
    ]


def revoked(
    step: Revoke, line: Line, released: Decimal, freed: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "kind": "revoke",
        "ref": step.ref,
        "programme": line.case.rules.code,
        "on": step.on.isoformat(),
        "released": yuan(released),
        "ceilings": freed,
        "why": both(
            text(
                f"释放{yen(released).zh}，各项上限恢复余额",
                f"{yen(released).en} released; every ceiling has that room again",
            )
        ),
    }


def redeemed(step: Redeem, line: Line, rest: Decimal) -> dict[str, Any]:
    return {
        "kind": "redeem",
        "ref": step.ref,
        "programme": line.case.rules.code,
        "on": step.on.isoformat(),
        "granted": yuan(line.granted),
        "released": yuan(rest),
    }


def fund_set(fund: SetFund, used: Decimal) -> dict[str, Any]:
    said: Mapping[str, Any] = {
        "kind": fund.kind,
        "code": fund.code,
        "city": fund.city,
        "year": fund.year,
        "limit": yuan(fund.limit),
        "used": yuan(used),
        "programmes": sorted(fund.programmes),
    }
    return {**said, "mode": fund.mode} if fund.mode else dict(said)
