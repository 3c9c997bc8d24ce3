"""An example may only name what the programme has: its caps, tallies, payers and round."""

from collections.abc import Iterable

from .checks import Checker
from .examples import Example
from .text import Loc, text


def check_examples(checker: Checker) -> None:
    for index, example in enumerate(checker.programme.examples):
        check_names(example, checker, ("examples", index))
        check_parts(example, checker, ("examples", index))


def check_names(example: Example, checker: Checker, loc: Loc) -> None:
    programme = checker.programme
    caps = [cap.id for cap in programme.caps]
    known(["上限", "cap"], [*example.after, *example.cut_by], caps, checker, loc)
    payers = [part.payer for part in programme.payers]
    known(["出资方", "payer"], example.payers or (), payers, checker, loc)
    known(["累计项", "tally"], example.history, programme.tallies, checker, loc)


def known(
    kind: list[str], names: Iterable[str], allowed: Iterable[str], checker: Checker, loc: Loc
) -> None:
    zh, en = kind
    listed = sorted(allowed)
    for name in names:
        if name not in listed:
            there = ", ".join(listed) or "-"
            checker.fault(
                loc,
                text(f"没有编号为“{name}”的{zh}", f"there is no {en} '{name}'"),
                text(f"请写以下之一：{there}", f"write one of: {there}"),
            )


def check_parts(example: Example, checker: Checker, loc: Loc) -> None:
    programme = checker.programme
    instalments = len(programme.schedule)
    if example.schedule is not None and len(example.schedule) != instalments:
        checker.fault(
            (*loc, "schedule"),
            text(f"共有 {instalments} 期", f"there are {instalments} instalments"),
            text("请逐期写出金额", "write the sum of each instalment"),
        )
    if example.round is not None and programme.round is None:
        checker.fault(
            (*loc, "round"),
            text("该政策事项没有 round", "the programme has no round"),
            text("请写 round，或删去此例", "write a round in the programme, or drop the example"),
        )
