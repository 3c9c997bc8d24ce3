"""How an assessment came about, in sections, from the JSON in which it was or would be stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.domain.programmes import rules_of, settings_of
from incentives.domain.readings import reading_words
from incentives.domain.setting_values import written
from incentives.models import Programme, ProgrammeVersion, Setting
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import RosterFact
from incentives.presenters.assessments import (
    TAGS,
    decision_words,
    label_of,
    limit_words,
    recover_words,
    seen_words,
    setting_name,
    sum_words,
)
from incentives.presenters.caps import counted
from incentives.presenters.sheet import (
    Check,
    Checks,
    Part,
    Quote,
    Section,
    Sheet,
    Table,
    Tone,
    Words,
    pairs,
    section,
    sections,
    steps,
    table,
)
from incentives.presenters.words import payer_words, value_of

Told = Mapping[str, Any]
"""An assessment as policy.rendering.render writes it."""


def explained(version: ProgrammeVersion, told: Told, values: Mapping[str, Any]) -> Sheet:
    """An assessment that is stored nowhere, under the settings in force."""
    rules, programme = rules_of(version), version.programme
    document = f"{programme.document} {programme.document.number}".strip()
    found = [
        result(rules, told),
        printed(rules, document),
        conditions(rules, told),
        amount(rules, told),
        caps(rules, told),
        readings(programme, rules, told),
        settings(programme, rules),
        facts(rules, values, _("Facts it rests on, as entered")),
        section(
            _("Record"),
            pairs(
                [
                    (_("Assessed as of"), date_format(date.fromisoformat(told["on"]))),
                    (_("Version of the programme"), f"{version.number}"),
                    (_("SHA-256 of the version"), version.digest),
                ]
            ),
            Words(
                _("An estimate from what was entered; it is not stored and decides nothing."),
                "muted",
            ),
        ),
    ]
    return Sheet(_("How this comes about"), programme.title, (), sections(found))


def readings(programme: Programme, rules: Rules, told: Told) -> Section:
    """Each question the text leaves open, the reading taken, and why."""
    set_ = newest_settings(programme)
    parts: list[Part | None] = []
    for taken in told["assumptions"]:
        name, reading = taken["name"], taken["reading"]
        found = reading if isinstance(reading, str) else tuple(reading)
        words = reading_words(city=programme.city, rules=rules, name=name, reading=found)
        assumption = rules.assumptions[name]
        changed = name in set_ and found != assumption.reading
        because = basis(set_[name]) if changed else pick(assumption.because)
        parts.append(reading_pairs(pick(taken["question"]), pick(words), because))
    return section(_("How the text is read"), *parts)


def reading_pairs(question: str, reading: str, because: str) -> Part | None:
    return pairs(
        [(_("Question"), question), (_("Reading taken"), reading), (_("Because"), because)]
    )


def settings(programme: Programme, rules: Rules) -> Section:
    """What the document leaves open and the city has set, with the rule it stands on."""
    set_ = newest_settings(programme)
    rows = [
        setting_row(rules, key, value, basis(set_[key]))
        for key, value in settings_of(programme).items()
        if key in rules.parameters
    ]
    return settings_section(rows)


def settings_section(rows: Sequence[tuple[str, str, str]]) -> Section:
    title = _("What the city has set")
    return section(title, table(title, [_("Setting"), _("Value"), _("Basis")], rows))


def setting_row(rules: Rules, key: str, value: Any, basis_: str) -> tuple[str, str, str]:
    parameter = rules.parameters[key]
    plain = parameter.type == "money" and isinstance(value, str | int)
    shown = yuan(str(value).replace(",", "")) if plain else written(value)
    return pick(parameter.label), shown, basis_


def newest_settings(programme: Programme) -> dict[str, Setting]:
    rows = Setting.objects.filter(programme=programme).order_by("id")
    return {row.key: row for row in rows}


def basis(row: Setting) -> str:
    return basis_words(row.basis, localdate(row.set_at))


def basis_words(basis_: str, day: date | None) -> str:
    if not basis_ or day is None:
        return _("Set by the city")
    return _("%(basis)s (set on %(day)s)") % {"basis": basis_, "day": date_format(day)}


def result(rules: Rules, told: Told) -> Section:
    """The decision and the sum, and what is still missing for one."""
    sum_ = sum_words(*(decimal(told[name]) for name in ("amount", "minimum", "maximum")))
    missing = [label_of(rules, key) for key in told["missing"]]
    unset = [setting_name(rules, name) for name in told["unset"]]
    tone: dict[str, Tone] = {"ok": "ok", "bad": "bad", "warn": "warn"}
    return section(
        _("Result"),
        Words(decision_words(told["decision"]), tone.get(TAGS[told["decision"]], "warn")),
        Words(sum_, "large") if sum_ and rules.amount else None,
        Words(_("Still to be filled in: %s") % "; ".join(missing)) if missing else None,
        Words(_("Not decided yet: %s") % "; ".join(unset)) if unset else None,
        *(Words(pick(warning), "warn") for warning in told["warnings"]),
    )


def conditions(rules: Rules, told: Told) -> Section:
    found = tuple(check(rules, reason) for reason in told["reasons"])
    return section(_("Conditions"), Checks(found) if found else None)


def check(rules: Rules, reason: Told) -> Check:
    tone, verdict = {
        True: ("ok", _("Met")),
        False: ("bad", _("Not met")),
        None: ("warn", _("Not known yet")),
    }[reason["holds"]]
    seen = tuple(seen_words(rules, reason["seen"]))
    return Check(tone, verdict, pick(reason["text"]), seen)  # type: ignore[arg-type]


def amount(rules: Rules, told: Told) -> Section:
    """Every step from the facts to the sum, the decision on every row, and how it is paid."""
    steps_ = [pick(step["text"]) for step in told["steps"]]
    return section(
        _("How the sum is made"),
        _derived(rules, told),
        _rows(rules, told),
        steps(steps_),
        Words(recover_words(Decimal(told["recover"])), "warn") if told.get("recover") else None,
        *paid(told),
    )


def _derived(rules: Rules, told: Told) -> Table | None:
    lines = [
        (label_of(rules, line["name"]), _derived_value(rules, line), pick(line["text"]))
        for line in told.get("derived", [])
    ]
    heads = [_("Worked out"), _("Value"), _("How")]
    return table(_("Values worked out from the facts"), heads, lines, [1])


def _derived_value(rules: Rules, line: Told) -> str:
    if line["value"] is None:
        return _("not known yet")
    return value_of(rules.scope[line["name"]], line["value"])


def _rows(rules: Rules, told: Told) -> Table | None:
    answers = {True: _("counts"), False: _("does not count"), None: _("Not known yet")}
    lines = [
        (
            f"{label_of(rules, row['roster'])} {row['row']}",
            answers[row["holds"]],
            sum_words(None, decimal(row["minimum"]), decimal(row["maximum"])),
            pick(row["text"]),
        )
        for row in told.get("rows", [])
    ]
    heads = [_("Row"), _("Decision"), _("Amount"), _("Why")]
    return table(_("The decision on every row"), heads, lines, [2])


def paid(told: Told) -> Iterable[Part | None]:
    """How a settled amount is divided over time and between payers."""
    schedule = [
        (pick(part["label"]), yuan(part["amount"]), pick(part["due"]))
        for part in told.get("schedule", [])
    ]
    yield table(_("Instalments"), [_("Instalment"), _("Amount"), _("Due")], schedule, [1])
    payers = [(payer_words(payer), yuan(sum_)) for payer, sum_ in told.get("payers", {}).items()]
    yield table(_("Who pays"), [_("Payer"), _("Amount")], payers, [1])


def caps(rules: Rules, told: Told) -> Section:
    """The ceilings on an empty history: limit, how it is counted, what it takes off."""
    lines = [
        (
            pick(cap["label"]),
            limit_words(decimal(cap["limit"]), cap["unit"]),
            counted(rules, cap["per"], cap["period"], cap["year_of"] or "approval"),
            yuan(cap["cuts"]) if cap["cuts"] else "—",
            _("printed") if cap["printed"] else _("set by the city"),
        )
        for cap in told["caps"]
    ]
    heads = [_("Cap"), _("Limit"), _("Counted"), _("Takes off"), _("Basis")]
    note = _("Shown as if nothing had been granted before; what was granted counts at the "
             "determination.")  # fmt: skip
    found = table(_("Caps"), heads, lines, [1, 3])
    return section(_("Caps"), found, Words(note, "muted") if found else None)


def printed(rules: Rules, document: str) -> Section:
    where = f"{document} · {_('section')} {rules.source.section}"
    return section(_("Where it is printed"), Quote(rules.source.quotes, where))


def facts(rules: Rules, values: Mapping[str, Any], heading: str) -> Section:
    """What was looked at; a list fact as a table of its rows."""
    known = {key: fact for key, fact in rules.facts.items() if values.get(key) is not None}
    plain = [
        (pick(fact.label), value_of(fact, values[key]))
        for key, fact in known.items()
        if not isinstance(fact, RosterFact)
    ]
    rosters = [
        roster(fact, values[key]) for key, fact in known.items() if isinstance(fact, RosterFact)
    ]
    return section(heading, pairs(plain), *rosters)


def roster(fact: RosterFact, rows: Any) -> Table | None:
    lines = [
        [str(number), *(value_of(column, row.get(key)) for key, column in fact.columns.items())]
        for number, row in enumerate(rows, 1)
    ]
    heads = [_("Row"), *(pick(column.label) for column in fact.columns.values())]
    return table(pick(fact.label), heads, lines)


def decimal(written: str | None) -> Decimal | None:
    return None if written is None else Decimal(written)
