"""Payout formats as data: the newest of a code counts, and none is ever changed."""

from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import City, User
from incentives.domain.payout_columns import SOURCES
from incentives.models import PayoutFormat

OPTIONS = {"totals", "about", "plain_name"}
NEEDED = ("account", "pays")
PARTS = {"form", "options", "columns"}
LONGEST = 20_000  # characters of a definition
LONGEST_HEADING = 60  # characters in one line


def formats_of(city: City) -> list[PayoutFormat]:
    """Those in use in a city, by code."""
    newest = PayoutFormat.objects.filter(city=city).order_by("code", "-id").distinct("code")
    return [one for one in newest if one.is_active]


def set_format(
    *,
    city: City,
    code: str,
    title: str,
    form: str,
    columns: list[dict[str, Any]],
    options: dict[str, Any],
    basis: str,
    user: User,
    is_active: bool = True,
) -> PayoutFormat:
    """A format from now on; batches that are prepared keep theirs. Raises Refused by field."""
    given: dict[str, Any] = {
        "title": title,
        "form": form,
        "columns": columns,
        "options": options,
        "basis": basis,
    }
    problems = faults(code=code, **given)
    if problems:
        raise Refused(problems)
    made = PayoutFormat.objects.create(
        city=city, code=code, set_by=user, is_active=is_active, **given
    )
    told = {"code": code, "columns": columns, "options": options, "in_use": is_active}
    record(
        kind="payout.format_set",
        subject=f"payout_format:{code}",
        actor=user,
        city=city,
        reason=basis,
        data=told,
    )
    return made


def faults(
    *, code: str, title: str, form: str, columns: Any, options: Any, basis: str
) -> dict[str, str]:
    """What is wrong, by field."""
    found = {
        "code": "" if code else _("Give the format a code."),
        "title": "" if title.strip() else _("Give the format a title."),
        "form": "" if form in ("xlsx", "csv") else _("Choose XLSX or CSV."),
        "basis": "" if basis.strip() else _("Name the bank's or treasury's rule behind it."),
        "columns": _columns_fault(columns),
        "options": _options_fault(options),
    }
    return {field: told for field, told in found.items() if told}


def _options_fault(options: Any) -> str:
    if (
        isinstance(options, dict)
        and set(options) <= OPTIONS
        and all(isinstance(value, bool) for value in options.values())
    ):
        return ""
    return _("Options are, each with true or false: %s.") % ", ".join(sorted(OPTIONS))


def _columns_fault(columns: Any) -> str:
    if not isinstance(columns, list) or not all(_is_column(one) for one in columns):
        told = _("Each column has a heading, at most 60 characters in one line, and a source: %s.")
        return told % ", ".join(SOURCES)
    headings = [column["heading"] for column in columns]
    if len(set(headings)) != len(headings):
        return _("Two columns have the same heading.")
    sources = {column["source"] for column in columns if not column.get("where_set")}
    missing = [name for name in NEEDED if name not in sources]
    return _("A bank needs these columns, too: %s.") % ", ".join(missing) if missing else ""


def _is_column(column: Any) -> bool:
    if not isinstance(column, dict) or set(column) - {"source", "heading", "where_set"}:
        return False
    heading, where = column.get("heading"), column.get("where_set", [])
    source = column.get("source")
    return (
        isinstance(heading, str)
        and bool(heading.strip())
        and heading.isprintable()
        and len(heading) <= LONGEST_HEADING
        and isinstance(source, str)
        and source in SOURCES
        and isinstance(where, list)
        and all(isinstance(name, str) and name in SOURCES for name in where)
    )


def definition_of(layout: PayoutFormat) -> str:
    """What `read_definition` reads back."""
    given = {"form": layout.form, "options": layout.options, "columns": layout.columns}
    return yaml.safe_dump(given, allow_unicode=True, sort_keys=False)


def read_definition(written: str) -> dict[str, Any]:
    """`form`, `options` and `columns` of a format as YAML. Raises Refused at `definition`."""
    if len(written) > LONGEST:
        raise _unread(_("A definition has at most %s characters.") % f"{LONGEST:,}")
    try:
        given = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unread(_("This is no YAML: %s.") % str(error).replace("\n", " ")[:200]) from error
    if not isinstance(given, dict) or set(given) - PARTS or "columns" not in given:
        raise _unread(_("Write form, options and columns, as the present version has them."))
    return {"form": given.get("form"), "options": given.get("options") or {}} | given


def _unread(told: str) -> Refused:
    return Refused({"definition": told})


def load_formats(file: Path) -> None:
    """Give every city the formats of the catalogue; what a city set itself stays."""
    if not file.exists():
        return
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        problems = faults(**entry)
        if problems:
            raise ValueError(f"{file.name}: {entry.get('code')}: {problems}")
        for city in City.objects.all():
            _load(city, dict(entry))


def _load(city: City, entry: dict[str, Any]) -> None:
    code = entry.pop("code")
    newest = PayoutFormat.objects.filter(city=city, code=code).first()
    changed = newest is None or any(getattr(newest, key) != entry[key] for key in entry)
    if changed and (newest is None or newest.set_by_id is None):
        PayoutFormat.objects.create(city=city, code=code, **entry)
