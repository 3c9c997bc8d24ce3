"""Putting numbers and truths together: what is settled is left out, places are brought level."""

from collections.abc import Iterable
from decimal import Decimal

from .form import (
    NO,
    NOUGHT,
    YES,
    All,
    Among,
    Compare,
    Comparison,
    Const,
    Count,
    Greatest,
    Least,
    Minus,
    Name,
    Not,
    Number,
    Pick,
    Plus,
    Rounded,
    Settled,
    Shift,
    Some,
    SomeRow,
    SumRows,
    Times,
    Truth,
    Word,
)
from .parts import names_in


def const(value: Decimal | int) -> Const:
    """The number exactly, with as few places as it needs."""
    sign, digits, exponent = Decimal(value).as_tuple()
    whole, places = int("".join(map(str, digits))) * (-1 if sign else 1), -int(exponent)
    if places <= 0:
        return Const(whole * 10**-places)
    while places and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return Const(whole, places)


def shifted(number: Number, by: int) -> Number:
    if by == 0:
        return number
    if isinstance(number, Const):
        return Const(number.value * 10**by, number.places + by)
    return Shift(number, by)


def level(numbers: Iterable[Number]) -> tuple[Number, ...]:
    """The numbers, all with the places of the finest."""
    found = tuple(numbers)
    places = max(n.places for n in found)
    return tuple(shifted(n, places - n.places) for n in found)


def times(one: Number, other: Number) -> Number:
    if isinstance(one, Const) and isinstance(other, Const):
        return Const(one.value * other.value, one.places + other.places)
    for factor, rest in ((one, other), (other, one)):
        if factor == Const(1):
            return rest
    return Times(one, other)


def plus(numbers: Iterable[Number]) -> Number:
    found = [n for n in numbers if not (isinstance(n, Const) and n.value == 0)]
    if not found:
        return NOUGHT
    return found[0] if len(found) == 1 else Plus(level(found))


def minus(one: Number, other: Number) -> Number:
    """The difference, never below 0."""
    if other == NOUGHT:
        return one
    return greatest([minus_signed(one, other), NOUGHT])


def minus_signed(one: Number, other: Number) -> Number:
    return Minus(*level((one, other)))


def least(numbers: Iterable[Number]) -> Number:
    found, constants = extremes(numbers, Least)
    kept = [*found, *([min(constants, key=worth_of)] if constants else [])]
    return kept[0] if len(kept) == 1 else Least(tuple(kept))


def greatest(numbers: Iterable[Number]) -> Number:
    found, constants = extremes(numbers, Greatest)
    kept = [*found, *([max(constants, key=worth_of)] if constants else [])]
    return kept[0] if len(kept) == 1 else Greatest(tuple(kept))


def worth_of(number: Const) -> int:
    return number.value


def extremes(
    numbers: Iterable[Number], kind: type[Least] | type[Greatest]
) -> tuple[list[Number], list[Const]]:
    """The numbers level with each other, each once, the constants by themselves."""
    flattened = [p for n in numbers for p in (n.parts if isinstance(n, kind) else (n,))]
    found = list(dict.fromkeys(level(flattened)))
    constants = [n for n in found if isinstance(n, Const)]
    return [n for n in found if not isinstance(n, Const)], constants


def pick(cases: Iterable[tuple[Truth, Number]], otherwise: Number) -> Number:
    """The number of the first case that holds; cases that cannot hold are left out."""
    kept: list[tuple[Truth, Number]] = []
    for truth, number in cases:
        if truth == YES:
            otherwise = number
            break
        if truth != NO:
            kept.append((truth, number))
    *numbers, last = level([*(n for _, n in kept), otherwise])
    if all(n == last for n in numbers):
        return last
    return Pick(tuple((t, n) for (t, _), n in zip(kept, numbers, strict=True)), last)


def rounded(number: Number, places: int) -> Number:
    if number.places <= places:
        return shifted(number, places - number.places)
    return Rounded(number, places)


def compare(one: Number, comparison: Comparison, other: Number) -> Truth:
    first, second = level((one, other))
    return Compare(first, comparison, second)


def among(name: Name, values: frozenset[Word]) -> Truth:
    return Among(name, values) if values else NO


def negated(truth: Truth) -> Truth:
    if isinstance(truth, Settled):
        return Settled(not truth.value)
    return truth.of if isinstance(truth, Not) else Not(truth)


def every(truths: Iterable[Truth]) -> Truth:
    found = flat(truths, All)
    if NO in found:
        return NO
    kept = [t for t in found if t != YES]
    return YES if not kept else kept[0] if len(kept) == 1 else All(tuple(kept))


def some(truths: Iterable[Truth]) -> Truth:
    found = flat(truths, Some)
    if YES in found:
        return YES
    kept = [t for t in found if t != NO]
    return NO if not kept else kept[0] if len(kept) == 1 else Some(tuple(kept))


def flat(truths: Iterable[Truth], kind: type[All] | type[Some]) -> list[Truth]:
    """The truths in order, each once, those of a nested `kind` in its place."""
    found: dict[Truth, None] = {}
    for truth in truths:
        parts = truth.parts if isinstance(truth, kind) else (truth,)
        found.update(dict.fromkeys(parts))
    return list(found)


def sum_rows(roster: Name, each: Number) -> Number:
    return SumRows(roster, each) if reads_rows(each) else times(Count(roster), each)


def some_row(roster: Name, holds: Truth) -> Truth:
    """Only of a roster that is given: it then has a row."""
    return SomeRow(roster, holds) if reads_rows(holds) else holds


def reads_rows(part: Number | Truth) -> bool:
    return any(name.roster is not None for name in names_in(part))
