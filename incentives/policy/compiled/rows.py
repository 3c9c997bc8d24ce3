"""A programme as one Python function of typed facts, exact to the fen."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from .. import judge
from ..examples import Decision
from ..programme import Programme
from .form import NO, Number, Truth
from .lower import Lowered, lower
from .python_source import PythonWriter, spelled
from .typed import TypedValue


class Compiled(NamedTuple):
    """What the interpreter decides, in fen: `minimum` and `maximum` as in an assessment."""

    decision: Decision
    minimum: int | None = None
    maximum: int | None = None

    @property
    def amount(self) -> int | None:
        return self.minimum if self.decision == "eligible" else None


Row = Callable[[Mapping[str, TypedValue], date], Compiled]

UNDECIDED: tuple[Decision, ...] = ("ineligible", "needs_setting", "needs_facts")
IN_SIGHT = {
    "Compiled": Compiled,
    "date": date,
    "first_day": lru_cache(maxsize=64)(judge.first_day),
    **{decision.upper(): Compiled(decision) for decision in UNDECIDED},
    "ELIGIBLE": Compiled("eligible"),
}


def compile_rows(programme: Programme, settings: Mapping[str, Any] | None = None) -> Row:
    """The programme under these settings as a function of facts (see read_typed) and the day.

    It answers as `assess` without choices and history: what is left to choose gives needs_choice.
    Raises InputError for settings that cannot be read, NotCompiled for what has no compiled form.
    """
    return function_of(lower(programme, settings))


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
    body = [*refusals(lowered, writer), *amount(lowered, writer)]
    reads = [f"{spelled(key)} = facts.get({key!r})" for key in writer.names]
    constants = [f"{name} = {value}" for value, name in writer.constants.items()]
    head = f"def {function_name(lowered)}(facts, on):"
    return "\n".join([*constants, head, *(f"    {line}" for line in [*reads, *body]), ""])


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
        return ["return ELIGIBLE"]
    if lowered.low == lowered.high:
        return [computed("low", lowered.low, writer), 'return Compiled("eligible", low, low)']
    return [
        computed("low", lowered.low, writer),
        computed("high", lowered.high, writer),
        'return Compiled("eligible" if low == high else "needs_choice", low, high)',
    ]


def computed(variable: str, number: Number, writer: PythonWriter) -> str:
    return f"{variable} = {writer.write(number)}"
