"""Walking the intermediate form."""

from collections.abc import Iterator
from dataclasses import fields

from .form import Day, Let, Name, Number, SomeRow, SumRows, Truth

Part = Name | Number | Truth | Day | Let


def parts_in(value: object) -> Iterator[Part]:
    """The part itself and every part inside it, outer before inner."""
    if isinstance(value, tuple):
        for item in value:
            yield from parts_in(item)
    elif isinstance(value, Part):
        yield value
        for each in fields(value):
            yield from parts_in(getattr(value, each.name))


def names_in(value: object) -> list[Name]:
    """Each name read, once."""
    return list(dict.fromkeys(part for part in parts_in(value) if isinstance(part, Name)))


def looks_out_of_rows(value: object) -> bool:
    """Whether something summed over a roster's rows reads more than the row itself."""
    summed = (part for part in parts_in(value) if isinstance(part, SumRows | SomeRow))
    return any(
        name.roster is None
        for part in summed
        for name in names_in(part.each if isinstance(part, SumRows) else part.holds)
    )
