"""The explanation of a determination: everything its decision rests on, for page and PDF.

It is told from what was stored when it was approved, so it says the same whenever it is asked for.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import moment, pick, yuan
from incentives.policy.programme import Programme as Rules
from incentives.presenters import explanation as told_of
from incentives.presenters.assessments import limit_words
from incentives.presenters.sheet import Part, Section, Sheet, Words, pairs, section, sections, table
from reviews.domain.assessing import rules
from reviews.domain.explaining import explanation_of
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState, Outcome
from reviews.presenters import round_place
from reviews.presenters.decisions import cut_words
from reviews.presenters.pdf import pdf_of

Kept = Mapping[str, Any]


def explained(case: Application, determination: Determination) -> Sheet:
    """`case` with its programme, document, version, applicant, bureau and city."""
    known, told = rules(case), determination.told
    kept = explanation_of(case, determination)
    found = [
        decided(known, determination),
        printed(known, kept),
        told_of.conditions(known, told),
        told_of.amount(known, told),
        round_place.explained(case),
        chosen(known, determination),
        ceilings(known, determination, kept),
        readings(known, kept),
        settings(known, kept),
        told_of.facts(known, determination.facts, _("Facts it rests on, as confirmed")),
        record(determination, kept, told),
    ]
    return Sheet(
        title=_("Explanation of the determination"),
        subtitle=pick(kept["programme"]),
        facts=heading(case, kept),
        sections=sections(found),
    )


def as_pdf(case: Application, determination: Determination) -> bytes:
    """Byte for byte the same, whenever it is asked for in one language."""
    at = determination.approved_at or determination.proposed_at
    footer = f"{case.number} · {determination.digest[:12]}"
    return pdf_of(explained(case, determination), at=at, footer=footer)


def heading(case: Application, kept: Kept) -> tuple[tuple[str, str], ...]:
    applicant = kept["applicant"]
    if kept["applicant_number"]:
        applicant = f"{applicant} ({kept['applicant_number']})"
    return (
        (_("Case number"), kept["case"] or ""),
        (_("Applicant"), applicant),
        (_("Handling bureau"), pick(kept["bureau"])),
    )


def decided(known: Rules, determination: Determination) -> Section:
    """What was decided, and where a ceiling left less than was assessed."""
    parts: list[Part | None] = [_verdict(known, determination)]
    if determination.outcome == Outcome.AWARD and known.amount:
        parts.append(pairs(_sums(known, determination)))
    parts += [Words(cut_words(cut), "warn") for cut in determination.cuts]
    if determination.terms:
        parts.append(pairs([(_("What is given"), determination.terms)]))
    parts.append(pairs([(_("Reason given"), determination.reason)]))
    return section(_("Result"), *parts)


def _verdict(known: Rules, determination: Determination) -> Words:
    state = {
        DeterminationState.PROPOSED: _("Proposed; not decided yet."),
        DeterminationState.SENT_BACK: _("This proposal was sent back and is not the decision."),
        DeterminationState.VOID: _("This determination was taken back and no longer counts."),
    }.get(DeterminationState(determination.state))
    if state:
        return Words(state, "warn")
    if determination.outcome == Outcome.REFUSE:
        return Words(_("Decided: not granted"), "bad")
    if known.outcome.pays and not determination.granted:
        return Words(_("The conditions are met, but the caps leave nothing."), "bad")
    return Words(_("Decided: granted"), "ok")


def _sums(known: Rules, determination: Determination) -> list[tuple[str, str]]:
    if not known.outcome.pays:
        figure = _("%(sum)s (figure, not paid by the city)") % {"sum": yuan(determination.assessed)}
        return [(_("By the rules"), figure)]
    rows = [(_("Amount by the rules"), yuan(determination.assessed))]
    if determination.granted is not None:
        rows.append((_("Granted"), yuan(determination.granted)))
    return rows


def in_unit(amount: str, unit: str) -> str:
    return limit_words(Decimal(amount), unit)


def printed(known: Rules, kept: Kept) -> Section:
    number = kept["document_number"]
    document = f"{pick(kept['document'])} {number}".strip()
    return told_of.printed(known, document)


def chosen(known: Rules, determination: Determination) -> Section:
    """What the document leaves to the reviewers, and who chose it for which reason."""
    labels = {
        node.choose: pick(node.label)
        for node in known.amount
        if hasattr(node, "choose") and node.label
    }
    rows = [
        (labels.get(name, choice_name(name)), value)
        for name, value in determination.choices.items()
    ]
    if not rows:
        return section(_("What the reviewers chose"))
    who = _("Chosen by %(person)s within the printed bounds. Reason: %(reason)s") % {
        "person": determination.explanation.get("proposed_by") or determination.proposed_by,
        "reason": determination.reason,
    }
    return section(_("What the reviewers chose"), pairs(rows), Words(who))


def choice_name(name: str) -> str:
    return {"rate": _("rate"), "amount": _("amount"), "each": _("for each person")}.get(name, name)


def ceilings(known: Rules, determination: Determination, kept: Kept) -> Section:
    """As they stood at the approval; a case that reserved nothing shows them on no history."""
    if not kept["ceilings"]:
        return told_of.caps(known, determination.told)
    rows = [
        (
            pick(one["label"]),
            in_unit(one["limit"], one["unit"]),
            in_unit(one["used"], one["unit"]),
            in_unit(one["left"], one["unit"]),
            in_unit(one["taken"], one["unit"]),
            _("cuts %(sum)s") % {"sum": yuan(one["off"])} if one["off"] else _("does not cut"),
        )
        for one in kept["ceilings"]
    ]
    heads = [_("Cap"), _("Limit"), _("Used before"), _("Left before"), _("This case"), _("Effect")]
    note = Words(_("As the caps stood when the determination was approved."), "muted")
    return section(_("Caps"), table(_("Caps"), heads, rows, [1, 2, 3, 4]), note)


def readings(known: Rules, kept: Kept) -> Section:
    """Where the text admits several readings: the question, the one taken, and why."""
    set_ = {one["key"]: one for one in kept["settings"]}
    parts = [
        told_of.reading_pairs(
            pick(assumption.question),
            pick(kept["readings"][name]),
            basis(set_[name]) if name in set_ else pick(assumption.because),
        )
        for name, assumption in known.assumptions.items()
    ]
    return section(_("How the text is read"), *parts)


def settings(known: Rules, kept: Kept) -> Section:
    rows = [
        told_of.setting_row(known, one["key"], one["value"], basis(one))
        for one in kept["settings"]
        if one["key"] in known.parameters
    ]
    return told_of.settings_section(rows)


def basis(one: Kept) -> str:
    day = date.fromisoformat(one["set_on"]) if one["set_on"] else None
    return told_of.basis_words(one["basis"], day)


def record(determination: Determination, kept: Kept, told: Mapping[str, Any]) -> Section:
    rows = [
        (_("Assessed as of"), date_format(date.fromisoformat(told["on"]))),
        (_("Proposed by"), _who(kept["proposed_by"], determination.proposed_at)),
    ]
    if determination.approved_at:
        rows.append((_("Approved by"), _who(kept["approved_by"], determination.approved_at)))
    rows += [
        (_("Version of the programme"), f"{kept['version']}"),
        (_("SHA-256 of the version"), determination.digest),
        (_("Determination"), f"{determination.number}"),
    ]
    again = _("Stored with the determination. Assessing the same facts, choices and settings by "
              "the same version again gives the same result, byte for byte.")  # fmt: skip
    return section(_("Record"), pairs(rows), Words(again, "muted"))


def _who(name: str, at: datetime) -> str:
    return f"{name} · {moment(at)}"
