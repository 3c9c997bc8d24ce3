"""The minutes of a ranked round: rule, draw, sheets, ranking and cut, for signing. From what was
kept with the ranking, so they say the same whenever they are printed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import moment, pick, yuan
from incentives.presenters.sheet import Section, Sheet, Words, pairs, section, sections, table
from reviews.models import ScoringRound
from reviews.models.round import CutBy
from reviews.presenters.pdf import pdf_of

Kept = Mapping[str, Any]
LINE = "____________________"


def minutes(found: ScoringRound) -> Sheet:
    """Of a ranked round, with its programme and its handling bureau."""
    kept = found.result
    by_scores = kept["by"] == "scores"
    parts = [_scores(found, kept)] if by_scores else [_shares(kept)]
    drawn = [_rule(found), _experts(kept), _draw(found)] if by_scores else []
    programme = found.programme
    return Sheet(
        title=_("Minutes of the review round"),
        subtitle=f"{programme} · {found.title}",
        facts=(
            (_("Round"), str(found.number)),
            (_("Handling bureau"), str(programme.handling_bureau)),
            (_("Window"), f"{date_format(found.opens_on)} – {date_format(found.closes_on)}"),
            (_("Set up by"), str(found.made_by)),
            (_("Opened by"), str(found.opened_by or _("by its date"))),
            (_("Ranking fixed"), f"{moment(_ranked_at(found))} · {found.ranked_by}"),
        ),
        sections=sections([*drawn, *parts, _outside(kept), _signatures(found, kept)]),
    )


def as_pdf(found: ScoringRound) -> bytes:
    footer = f"{found.programme.code} · {found.number}"
    return pdf_of(minutes(found), at=_ranked_at(found), footer=footer)


def _ranked_at(found: ScoringRound) -> datetime:
    assert found.ranked_at is not None  # noqa: S101  # for the type: a ranked round has it
    return found.ranked_at


def cut_words(found: ScoringRound) -> str:
    if found.cut_by == CutBy.NUMBER:
        return _("the first %s") % int(found.cut)
    if found.cut_by == CutBy.SCORE:
        return _("a score of %s or more") % found.cut
    if found.cut_by == CutBy.BUDGET:
        return _("a budget of %s yuan") % yuan(found.cut)
    return str(found.get_cut_by_display())


def rule_rows(found: ScoringRound) -> list[tuple[str, str]]:
    rows = [(_("In are"), cut_words(found))]
    if found.cut_by == CutBy.RULES:
        return rows
    rows += [(_("Ties at the cut"), found.get_ties_display())]
    if found.cut_by == CutBy.BUDGET:
        moves = _("a smaller one further down takes it")
        rows += [(_("What is left over"), moves if found.moves_up else _("stays unspent"))]
    normalise = _("to the round's mean and deviation, expert by expert")
    dropped = _("do not count, from five sheets on")
    return [
        *rows,
        (_("Experts for each case"), str(found.sheets)),
        (_("Scores normalised"), normalise if found.normalise else _("no")),
        (_("Highest and lowest sheet"), dropped if found.drop_extremes else _("count")),
        (_("Shown as outliers"), _("beyond %s deviations of the case") % found.deviations),
    ]


def _rule(found: ScoringRound) -> Section:
    heads = [_("Criterion"), _("Weight"), _("Full marks")]
    rows = [(pick(one), one["weight"], one["most"]) for one in found.criteria]
    return section(_("Rule"), pairs(rule_rows(found)), table("", heads, rows, [1, 2]))


def _experts(kept: Kept) -> Section:
    heads = [_("Expert"), _("Employer"), _("Sheets"), _("Mean"), _("Deviation")]
    rows = [
        (one["name"], one["employer"], str(one["sheets"]), one["mean"], one["deviation"])
        for one in kept["experts"]
    ]
    whole = kept["whole"]
    rows.append((_("whole round"), "", str(whole["sheets"]), whole["mean"], whole["deviation"]))
    return section(_("Experts"), table("", heads, rows, [2, 3, 4]))


def _draw(found: ScoringRound) -> Section:
    pool = [f"{one['expert']} {one['name']}" for one in found.draw["pool"]]
    names = {one["expert"]: one["name"] for one in found.draw["pool"]}
    order = [names[expert] for expert in found.draw["order"]]
    seed = (_("Seed"), found.seed)
    told = [
        seed,
        (_("Pool, by number"), "、".join(pool)),
        (_("Order of the draw"), "、".join(order)),
    ]
    how = _("In the order of SHA-256 of “seed|%s|number of the expert”.") % found.pk
    rows = [(one["number"], _excluded(one["excluded"], names)) for one in found.draw["cases"]]
    out = [row for row in rows if row[1]]
    heads = [_("Case number"), _("Left out of the draw")]
    replaced = [(one["number"], _replaced(one, names)) for one in found.draw["later"]]
    later = table("", [_("Case number"), _("Drawn later")], replaced)
    return section(_("Draw"), Words(how, "muted"), pairs(told), table("", heads, out), later)


def _excluded(excluded: Mapping[str, str], names: Mapping[int, str]) -> str:
    words = {
        "member": _("member of the applicant"),
        "employer": _("employed by the applicant"),
        "declared": _("declared a conflict"),
    }
    return "；".join(f"{names[int(one)]} ({words[why]})" for one, why in excluded.items())


def _replaced(one: Kept, names: Mapping[int, str]) -> str:
    known = {**names, **{row["expert"]: row["name"] for row in one["pool"]}}
    drawn = "、".join(known[expert] for expert in one["drawn"]) or _("nobody left")
    before = known.get(one["replaces"], "") if one["replaces"] else ""
    return f"{before} → {drawn}" if before else drawn


def _scores(found: ScoringRound, kept: Kept) -> Section:
    names = {one["expert"]: one["name"] for one in kept["experts"]}
    heads = [_("Rank"), _("Case number"), _("Applicant"), _("Score"), _("Assessed"), _("Result")]
    rows = [
        (
            rank_words(line), line["number"], line["applicant"], line["score"],
            yuan(Decimal(line["amount"])), above_words(line),
        )
        for line in kept["cases"]
    ]  # fmt: skip
    sheets = [
        (line["number"], names[one["expert"]], one["total"], one["value"], note_words(one))
        for line in kept["cases"]
        for one in line["sheets"]
    ]
    own = [_("Case number"), _("Expert"), _("Total"), _("Counted as"), _("Note")]
    return section(
        _("Ranking"),
        table("", heads, rows, [3, 4]),
        table(_("Score sheets"), own, sheets, [2, 3]),
    )


def _shares(kept: Kept) -> Section:
    heads = [
        _("Rank"),
        _("Case number"),
        _("Applicant"),
        _("Entered with"),
        _("Receives"),
        _("Why"),
    ]
    rows = [
        (
            rank_words(line), line["number"], line["applicant"], yuan(Decimal(line["amount"])),
            yuan(Decimal(line["granted"])), pick(line["why"]),
        )
        for line in kept["cases"]
    ]  # fmt: skip
    told = [(_("Together"), yuan(Decimal(kept["total"])))]
    if kept["left"] is not None:
        told.append((_("The budget keeps"), yuan(Decimal(kept["left"]))))
    return section(_("Settlement"), table("", heads, rows, [3, 4]), pairs(told))


def rank_words(line: Kept) -> str:
    if line["rank"] is None:
        return "—"
    return f"{line['rank']} {_('(tied)')}" if line["tied"] else str(line["rank"])


def above_words(line: Kept) -> str:
    return _("above the cut") if line["above"] else _("below the cut")


def note_words(one: Kept) -> str:
    said = [(_("outlier"), one["outlier"]), (_("does not count"), one["dropped"])]
    return "、".join(words for words, holds in said if holds)


def why_outside(why: str) -> str:
    words = {
        "ineligible": _("does not meet the conditions"),
        "nothing_left": _("its ceilings leave nothing"),
        "withdrawn": _("withdrawn"),
        "not_accepted": _("not accepted"),
        "returned": _("not supplemented in time"),
    }
    return words.get(why, _("took no part in the scoring"))


def _outside(kept: Kept) -> Section:
    heads = [_("Case number"), _("Applicant"), _("Why")]
    rows = [(one["number"], one["applicant"], why_outside(one["why"])) for one in kept["outside"]]
    return section(_("Outside the ranking"), table("", heads, rows))


def _signatures(found: ScoringRound, kept: Kept) -> Section:
    people = [(one["name"], f"{LINE}  {_('date')} {LINE}") for one in kept.get("experts", [])]
    people.append((str(found.ranked_by), f"{LINE}  {_('date')} {LINE}"))
    return section(_("Signatures"), pairs(people))
