"""What an editor types for a setting, read by its type. Refused says what to write instead."""

from typing import Any

import yaml
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from incentives.domain.language import chosen
from incentives.domain.settings import Declared, declared
from incentives.policy import scalars, workflow
from incentives.policy.overrides import read_settings, table_options
from incentives.policy.programme import Programme as Rules
from incentives.policy.settings import EXPECTED, SCALARS
from incentives.policy.text import BadValue, InputError

LONGEST_PERIOD = 1000  # working days


def read_setting(rules: Rules | None, key: str, raw: str) -> Any:
    """The value of a declared setting, or of a parameter or assumption, as JSON keeps it.

    Tables and lists are typed as YAML: `option: value`, one a line, or `- item`.
    """
    if rules is not None and key in rules.assumptions:
        return _reading(rules, key, raw)
    if rules is not None and key in rules.parameters:
        return _parameter(rules, key, raw)
    if key not in declared():
        raise Refused({"key": _("There is no setting “%s”.") % key})
    return _declared(declared()[key], scalars.plain(raw))


def _declared(setting: Declared, written: str) -> Any:
    try:
        if setting.type == "date":
            return scalars.day(written).isoformat() if written else None
        if setting.type == "boolean":
            return scalars.boolean(written)
        if setting.type == "money_list":
            return [str(scalars.money(line)) for line in written.split()]
        if setting.type == "workflow":
            return read_workflow(_structure(written)) if written else None
        days = scalars.integer(written)
    except BadValue as bad:
        raise _refused(bad) from bad
    if not setting.minimum <= days <= LONGEST_PERIOD:
        bounds = {"low": setting.minimum, "high": LONGEST_PERIOD}
        raise Refused({"value": _("Enter a number of days from %(low)s to %(high)s.") % bounds})
    return days


def read_workflow(raw: Any) -> dict[str, Any]:
    """A choice of workflow as JSON keeps it, only what was chosen; raises BadValue."""
    return workflow.read_choice(raw).model_dump(mode="json", exclude_defaults=True)


def _parameter(rules: Rules, key: str, raw: str) -> Any:
    scalar = rules.parameters[key].type in SCALARS
    value = scalars.plain(raw) if scalar else _structure(raw)
    return _checked(rules, key, value)


def _structure(raw: str) -> Any:
    try:
        return yaml.load(raw.replace("：", ": "), Loader=yaml.BaseLoader)  # noqa: S506 # only text
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise Refused({"value": _("Line %s cannot be read; see the example.") % line}) from error


def _reading(rules: Rules, key: str, raw: str) -> Any:
    """One of the readings by its place in the list that `readings` offers."""
    offered = rules.assumptions[key].readings
    if raw not in {str(number) for number in range(len(offered))}:
        raise Refused({"value": _("Choose one of the readings.")})
    reading = offered[int(raw)]
    return list(reading) if isinstance(reading, tuple) else reading


def _checked(rules: Rules, key: str, value: Any) -> Any:
    try:
        read_settings(rules, {key: value})
    except InputError as error:
        raise _refused(error.problems[0]) from error
    return value


def _refused(bad: Any) -> Refused:
    said = {"problem": chosen(bad.problem), "expected": chosen(bad.expected)}
    return Refused({"value": _("%(problem)s: %(expected)s.") % said})


def example(rules: Rules, key: str) -> str:
    """Lines to start from: the options that a table needs, each with a place for its value."""
    parameter = rules.parameters[key]
    options = table_options(rules, key)
    if options:
        sample = "5%" if parameter.type == "rates_table" else "100000"
        return "\n".join(f"{option}: {sample}" for option in options)
    examples = {
        "table": "option: 100000",
        "rates_table": "option: 5%",
        "text_list": "- …\n- …",
        "bands": "- {from: 0, to: 100, amount: 10000}\n- {from: 100, amount: 20000}",
        "rate_bands": "- {from: 0, to: 1000000, rate: 5%}\n- {from: 1000000, rate: 3%}",
    }
    return examples.get(parameter.type, "")


def expected(rules: Rules, key: str) -> str:
    """In what form a parameter is written."""
    kind = rules.parameters[key].type
    if kind in EXPECTED:
        return chosen(EXPECTED[kind])
    scalar = {
        "money": scalars.MONEY_EXPECTED,
        "rate": scalars.RATE_EXPECTED,
        "integer": scalars.INTEGER_EXPECTED,
        "date": scalars.DATE_EXPECTED,
    }
    return chosen(scalar[kind])


def written(value: Any) -> str:
    """A kept value as an editor would type it."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=200).rstrip()
    return str(value)
