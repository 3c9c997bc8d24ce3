"""A programme as one Python function of typed facts, exact to the fen."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, get_args

from .. import judge
from ..examples import Decision
from ..programme import Programme
from .answer import Compiled, Row
from .arithmetic import quotient, years_between
from .form import NO, YES, Let, NotCompiled, Number, Truth
from .interpreted import interpreted
from .lowering import Lowered, lower
from .python_source import PythonWriter, spelled

DECISIONS: tuple[Decision, ...] = get_args(Decision)
IN_SIGHT = {
    "Compiled": Compiled,
    "date": date,
    "quotient": quotient,
    "years_between": years_between,
    "first_day": lru_cache(maxsize=64)(judge.first_day),
    **{decision.upper(): Compiled(decision) for decision in DECISIONS},
}


def compile_rows(programme: Programme, settings: Mapping[str, Any] | None = None) -> Row:
    """The programme under these settings as a function of facts (see read_typed) and the day.

    It answers as `assess` without choices and history: what is left to choose gives needs_choice.
    What has no compiled form is interpreted. A value given for a derived one is used only where
    the facts leave it open. Raises InputError for settings that cannot be read.
    """
    try:
        return function_of(lower(programme, settings))
    except NotCompiled:
        return interpreted(programme, settings)


def function_of(lowered: Lowered) -> Row:
    names: dict[str, Any] = dict(IN_SIGHT)
    source = source_of(lowered)
    code = compile(source, f"<{lowered.programme.code}>", "exec")
    exec(code, names)  # noqa: S102  # written below from a checked programme: no text of a user
    found: Row = names[function_name(lowered)]
    return found


def function_name(lowered: Lowered) -> str:
    return "assess_" + lowered.programme.code.replace("-", "_")


def source_of(lowered: Lowered) -> str:
    """The function's source, with the tables and days it uses before it."""
    writer = PythonWriter()
    lets = [worked_out(let, writer) for let in lowered.lets]
    body = [*lets, *refusals(lowered, writer), *amount(lowered, writer)]
    reads = [f"{spelled(key)} = facts.get({key!r})" for key in writer.names]
    constants = [f"{name} = {value}" for value, name in writer.constants.items()]
    head = f"def {function_name(lowered)}(facts, on):"
    return "\n".join([*constants, head, *(f"    {line}" for line in [*reads, *body]), ""])


def worked_out(let: Let, writer: PythonWriter) -> str:
    known = "" if let.known == YES else f" if {writer.write(let.known)} else None"
    return f"{writer.read(let.name)} = {writer.inner(let.number)}{known}"


def refusals(lowered: Lowered, writer: PythonWriter) -> list[str]:
    """A line for each condition that may fail, then for what is unset and what is missing."""
    lines = [refuse(verdict.no, "INELIGIBLE", writer) for verdict in lowered.conditions]
    lines.append(refuse(lowered.unset, "NEEDS_SETTING", writer))
    lines.append(refuse(lowered.missing, "NEEDS_FACTS", writer))
    return [line for line in lines if line]


def refuse(truth: Truth, decision: str, writer: PythonWriter) -> str:
    return "" if truth == NO else f"if {writer.write(truth)}: return {decision}"


def amount(lowered: Lowered, writer: PythonWriter) -> list[str]:
    if lowered.low is None or lowered.high is None:
        return [f"return {lowered.grants.upper()}"]
    low, high = computed("low", lowered.low, writer), computed("high", lowered.high, writer)
    least = "low" if lowered.grants == "eligible" else "0"
    granted = f'return Compiled("{lowered.grants}", {least}, low)'
    if lowered.low == lowered.high:
        return [low, granted]
    return [low, high, f"if low == high: {granted}", 'return Compiled("needs_choice", low, high)']


def computed(variable: str, number: Number, writer: PythonWriter) -> str:
    return f"{variable} = {writer.write(number)}"
