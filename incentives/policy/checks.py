"""The faults found in one programme, and the questions every check asks."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .positions import Ref
from .questions import Fact
from .settings import Assumption
from .text import BadValue, Loc, Text, text
from .walk import Place

if TYPE_CHECKING:
    from .programme import Programme


IMPLICIT = {"applicant_kind", "recognitions"}


@dataclass(frozen=True)
class Fault:
    loc: Loc
    problem: Text
    expected: Text


class CheckFailed(ValueError):
    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.problem.en}; {f.expected.en}" for f in self.faults))


class Checker:
    def __init__(self, programme: "Programme") -> None:
        self.programme = programme
        self.faults: list[Fault] = []
        self.used: set[str] = set()

    def fault(self, loc: Loc, problem: Text, expected: Text) -> None:
        found = Fault(loc, problem, expected)
        if found not in self.faults:
            self.faults.append(found)

    def bad(self, loc: Loc, error: BadValue) -> None:
        self.fault(loc, error.problem, error.expected)

    def fact(self, name: str, place: Place, types: Iterable[str]) -> Fact | None:
        """The fact of that name, if it exists and has one of the types."""
        found = place.scope.get(name)
        allowed = sorted(types)
        if found is None:
            known = ", ".join(k for k in place.scope if k not in IMPLICIT) or "-"
            self.fault(
                place.loc,
                text(f"没有名为“{name}”的事实", f"there is no fact '{name}'"),
                text(f"请写以下之一：{known}", f"write one of: {known}"),
            )
        elif found.type not in allowed:
            self.fault(
                place.loc,
                text(
                    f"事实“{name}”的类型是 {found.type}", f"fact '{name}' is of type {found.type}"
                ),
                text(f"此处须为 {'、'.join(allowed)}", f"use one of type {', '.join(allowed)}"),
            )
        return found if found is not None and found.type in allowed else None

    def reference(self, ref: Ref, loc: Loc, read: Callable[[Any], object]) -> None:
        """A reference must name a parameter of the type wanted, or an assumption that reads so."""
        self.used.add(ref.name)
        if (assumption := self.programme.assumptions.get(ref.name)) is not None:
            self.readings(ref, assumption, loc, read)
        elif (parameter := self.programme.parameters.get(ref.name)) is None:
            self.unknown_setting(ref, loc)
        elif parameter.type != ref.type:
            self.fault(
                loc,
                text(f"参数 {ref} 的类型是 {parameter.type}", f"{ref} is of type {parameter.type}"),
                text(f"此处须为 {ref.type}", f"use a parameter of type {ref.type}"),
            )

    def unknown_setting(self, ref: Ref, loc: Loc) -> None:
        known = ", ".join([*self.programme.parameters, *self.programme.assumptions]) or "-"
        self.fault(
            loc,
            text(
                f"没有名为“{ref.name}”的参数", f"there is no parameter or assumption '{ref.name}'"
            ),
            text(
                f"请先写入 parameters，已有：{known}",
                f"add it under parameters; there are: {known}",
            ),
        )

    def readings(
        self, ref: Ref, assumption: Assumption, loc: Loc, read: Callable[[Any], object]
    ) -> None:
        for reading in assumption.readings:
            try:
                read(reading)
            except BadValue as error:
                self.bad(("assumptions", ref.name), error)
                self.bad(loc, error)

    def unique(self, names: Iterable[tuple[str, Loc]], zh: str, en: str) -> None:
        named = list(names)
        repeated = {n for n, count in Counter(n for n, _ in named).items() if count > 1}
        for name, loc in named:
            if name in repeated:
                self.fault(
                    loc,
                    text(f"{zh}“{name}”重复", f"{en} '{name}' is used more than once"),
                    text("请各取一名", "give each its own name"),
                )
