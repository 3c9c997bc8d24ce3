"""The whole file of a case on paper: what was claimed, seen, said, decided, served and done."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.models import User
from applicants.templatetags.huiqi import moment, pick, yuan
from incentives.presenters.sheet import Section, Sheet, Words, pairs, section, sections, table
from incentives.presenters.words import value_of
from reviews.domain import dossier
from reviews.domain.assessing import rules
from reviews.domain.event_words import told
from reviews.models import Application
from reviews.presenters.decisions import cut_words
from reviews.presenters.pdf import pdf_of


def case_file(case: Application, user: User) -> Sheet:
    """As the person may see it: drafts of other bureaus' opinions are left out."""
    found = [
        _facts(case),
        _opinions(case, user),
        _determinations(case),
        _payments(case),
        _letters(case),
        _course(case, user),
    ]
    return Sheet(
        title=_("Case file"),
        subtitle=case.programme.title,
        facts=_head(case),
        sections=sections(found),
    )


def as_pdf(case: Application, user: User, *, at: datetime) -> bytes:
    """`at` is when it was printed, and by whom stands in the footer."""
    footer = f"{case.number} · {user} · {moment(at)}"
    return pdf_of(case_file(case, user), at=at, footer=footer)


def _head(case: Application) -> tuple[tuple[str, str], ...]:
    applicant = case.applicant
    return (
        (_("Case number"), case.number or ""),
        (_("Applicant"), f"{applicant.name} ({applicant.number_shown})"),
        (_("Handling bureau"), str(case.handling_bureau)),
        (_("State"), str(case.get_state_display())),
        (_("Submitted"), moment(case.submitted_at) if case.submitted_at else "—"),
    )


def _facts(case: Application) -> Section:
    rows = []
    for line in dossier.fact_lines(case):
        value = line.value
        confirmed = value is not None and value.confirmed is not None
        papers = "、".join(str(paper.document) for paper in line.evidence)
        rows.append(
            (
                pick(line.asked.label),
                value_of(line.asked, value.declared if value else None),
                value_of(line.asked, value.confirmed) if value and confirmed else "—",
                papers or "—",
            )
        )
    heads = (_("Fact"), _("Declared"), _("Confirmed"), _("Papers"))
    return section(_("Facts and papers"), table("", heads, rows))


def _opinions(case: Application, user: User) -> Section:
    rows = [
        (
            str(line.task.bureau),
            str(line.opinion.get_position_display()) if line.opinion else _("not given yet"),
            line.opinion.text if line.opinion else "",
            _by(line.opinion.approved_by, line.opinion.approved_at) if line.opinion else "",
            line.resolution.text if line.resolution else "",
        )
        for line in dossier.opinion_lines(case, user)
    ]
    heads = (_("Bureau"), _("Position"), _("Opinion"), _("Given by"), _("Answer"))
    return section(_("Opinions of the other bureaus"), table("", heads, rows))


def _determinations(case: Application) -> Section:
    parts = []
    pays = rules(case).outcome.pays
    found = case.determinations.select_related("proposed_by", "approved_by", "checked_by")
    for one in found.prefetch_related("signatures__signed_by"):
        rows = [
            (_("Number"), f"{one.number} · {one.get_state_display()}"),
            (_("Outcome"), str(one.get_outcome_display())),
            *([(_("Assessed"), yuan(one.assessed)), (_("Granted"), yuan(one.granted))] * pays),
            (_("Reason"), one.reason),
            (_("Proposed by"), _by(one.proposed_by, one.proposed_at)),
            *((_("Signed by"), _by(by.signed_by, by.signed_at)) for by in one.signatures.all()),
            *([(_("Checked by"), _by(one.checked_by, one.checked_at))] * bool(one.checked_by)),
        ]
        parts += [pairs(rows), *(Words(cut_words(cut), "warn") for cut in one.cuts)]
    return section(_("Determinations"), *parts)


def _payments(case: Application) -> Section:
    parts = dossier.instalments_of(dossier.award_of(case))
    rows = [
        (
            " ".join(filter(None, (str(part.number), part.kind_words))),
            str(part.payee),
            yuan(part.amount),
            "；".join(f"{line.batch} {line.get_state_display()}" for line in part.lines.all())
            or "—",
        )
        for part in parts
    ]
    heads = (_("Instalment"), _("Payee"), _("Amount"), _("Payments"))
    return section(_("Instalments"), table("", heads, rows, figures=(2,)))


def _letters(case: Application) -> Section:
    rows = [
        (
            letter.number,
            str(letter.get_kind_display()),
            date_format(letter.issued_on),
            moment(letter.read_at) if letter.read_at else _("not read yet"),
        )
        for letter in case.letters.order_by("id")
    ]
    heads = (_("Number"), _("Letter"), _("Date"), _("First opened"))
    return section(_("Letters"), table("", heads, rows))


def _course(case: Application, user: User) -> Section:
    rows = [
        (moment(event.at), told(event), str(event.actor or "Huiqi"), event.reason)
        for event in dossier.history(case, user)
    ]
    heads = (_("Date and time"), _("What"), _("Who"), _("Why"))
    return section(_("Course of the case"), table("", heads, rows))


def _by(who: User | None, at: datetime | None) -> str:
    return f"{who} · {moment(at)}" if who and at else "—"
