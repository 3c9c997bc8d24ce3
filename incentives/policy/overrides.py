"""The settings in force for one case: the file's own, with what the city has set laid over them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .checks_parts import options
from .facts import must_be_mapping
from .nodes import By, ByRates, ByTable
from .positions import Ref
from .programme import Programme
from .scalars import literal
from .settings import SCALARS, Reading, read_setting
from .text import BadValue, InputError, Problem, text
from .walk import Place, walk


@dataclass(frozen=True)
class Settings:
    """Parameters already read (None where unset); assumptions as the reading taken."""

    parameters: Mapping[str, Any]
    readings: Mapping[str, Reading]

    def value(self, ref: Ref) -> Any:
        """The value a reference stands for, or None where it is unset."""
        if ref.name in self.parameters:
            return self.parameters[ref.name]
        reading = self.readings[ref.name]
        if ref.type == "text" or isinstance(reading, tuple):
            return reading
        return literal(SCALARS[ref.type], reading)


def read_settings(programme: Programme, raw: Mapping[str, Any]) -> Settings:
    """Lay `raw` over the file's settings; raises InputError for what cannot be set so."""
    must_be_mapping("settings", raw)
    parameters = {name: p.read for name, p in programme.parameters.items()}
    readings = {name: a.reading for name, a in programme.assumptions.items()}
    problems: list[Problem] = []
    for name, value in raw.items():
        try:
            if name in parameters:
                parameters[name] = override(programme, name, value)
            else:
                readings[name] = reading_of(programme, name, value)
        except BadValue as error:
            problems.append(Problem.of(f"settings.{name}", error))
    if problems:
        raise InputError(problems)
    return Settings(parameters, readings)


def override(programme: Programme, name: str, value: object) -> Any:
    parameter = programme.parameters[name]
    if value is None or value == "unset":
        return None
    found = read_setting(parameter.type, value)
    wanted = table_options(programme, name) if isinstance(found, dict) else ()
    if wanted and set(found) != set(wanted):
        listed = ", ".join(wanted)
        raise BadValue(
            text("表的键与选项不一致", "the keys are not the options"),
            text(f"请恰好写出：{listed}", f"write exactly: {listed}"),
        )
    return found


def reading_of(programme: Programme, name: str, value: object) -> Reading:
    assumption = programme.assumptions.get(name)
    if assumption is None:
        known = ", ".join([*programme.parameters, *programme.assumptions]) or "-"
        raise BadValue(
            text("该政策事项没有此参数", "the programme has no such setting"),
            text(f"请写以下之一：{known}", f"write one of: {known}"),
        )
    taken = tuple(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if taken not in assumption.readings:
        listed = ", ".join(map(str, assumption.readings))
        raise BadValue(
            text(f"“{value}”不是可选的理解", f"'{value}' is none of the readings"),
            text(f"请写以下之一：{listed}", f"write one of: {listed}"),
        )
    return taken


def table_options(programme: Programme, name: str) -> tuple[str, ...]:
    """The keys a table parameter needs: the options of the fact it is looked up by."""
    for part, place in walk(programme, Place((), programme.scope)):
        if isinstance(part, By | ByTable | ByRates) and part.table in tables_named(name):
            return options(place.scope[part.by])
    return ()


def tables_named(name: str) -> tuple[Ref, Ref]:
    return Ref(name, "table"), Ref(name, "rates_table")
