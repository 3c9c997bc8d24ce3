"""What a line of `make bench` is, and databases of its own to measure it in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections

from tests import servers

SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Line:
    """A ratio by name. `fill` makes rows of a size, once for all lines that share it.

    `make bench` measures the last of `sizes`, `make bench-growth` each; without sizes a line is of
    no size in particular and stays out of the chart.
    """

    name: str
    ratio: Callable[[int], float]
    sizes: tuple[int, ...] = ()
    fill: Callable[[int], None] | None = None


def at_any_size(name: str, ratio: Callable[[], float]) -> Line:
    return Line(name, lambda _size: ratio())


@contextmanager
def own_database(owner_url: str, name: str) -> Iterator[None]:
    """A fresh clone of the template, and gone afterwards: bulk rows are in nobody's way."""
    servers.clone_template(owner_url, name)
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        servers.drop(owner_url, name)
