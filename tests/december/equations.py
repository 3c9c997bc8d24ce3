"""What has to add up: each equation says of what, and names both sides by how they were found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.december.books import IN_ALL, Books, yuan

Side = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sums of fen that have to be one, found in two ways."""

    where: str
    left: Side
    right: Side

    @property
    def holds(self) -> bool:
        return self.left[1] == self.right[1]

    def __str__(self) -> str:
        (one, first), (other, second) = self.left, self.right
        return (
            f"{self.where}: {one} is {yuan(first)}, {other} is {yuan(second)}; "
            f"they differ by {yuan(first - second)} yuan"
        )


def of_programmes(run: Books, ledger: Books, rows: Books, codes: Iterable[str]) -> list[Equation]:
    """`run`: what the run was told; `ledger`: its rows; `rows`: awards, lines, demands."""
    return [one for code in [*codes, IN_ALL] for one in _of_programme(code, run, ledger, rows)]


def _of_programme(code: str, run: Books, ledger: Books, rows: Books) -> Iterator[Equation]:
    def same(left: Side, *others: Side) -> Iterator[Equation]:
        return (Equation(code, left, other) for other in others)

    def told(figure: str) -> Side:
        return f"{figure} as it was answered", run.of(code, figure)

    def posted(figure: str) -> Side:
        return f"{figure} by the ledger", ledger.of(code, figure)

    def stands(figure: str) -> Side:
        return f"{figure} by the rows", rows.of(code, figure)

    def all_of(name: str, *sides: Side) -> Side:
        return name, sum(whole for _name, whole in sides)

    yield from same(
        told("asked"),
        all_of("reserved + cut + denied", told("reserved"), told("cut"), told("denied")),
        all_of("assessed of awards + denied", stands("assessed"), told("denied")),
    )
    yield from same(posted("reserved"), told("reserved"), stands("granted"))
    yield from same(posted("released"), told("released"), stands("released"))
    yield from same(posted("committed"), told("committed"), stands("committed"))
    yield from same(posted("committed"), stands("instalments"))
    yield from same(
        posted("reserved"),
        all_of(
            "released + committed + still reserved",
            posted("released"), posted("committed"), stands("reserved"),
        ),
    )  # fmt: skip
    yield from same(posted("paid"), told("paid"))
    yield from same(posted("returned"), told("returned"))
    kept = ("paid - returned by the ledger", posted("paid")[1] - posted("returned")[1])
    yield from same(kept, stands("lines paid"))
    yield from same(posted("committed"), all_of("paid - returned + owed", kept, stands("owed")))
    back = all_of("returned + sent back", told("returned"), told("sent back"))
    yield from same(stands("lines returned"), back)
    yield from same(posted("recovered"), told("recovered"), stands("recovered"))
    yield from same(posted("written off"), told("written off"), stands("written off"))
    gone = all_of(
        "recovered + written off + open",
        posted("recovered"), posted("written off"), stands("open"),
    )  # fmt: skip
    yield from same(told("demanded"), stands("demanded"), gone)


def of_budgets(run: Books, rows: Books, keys: Iterable[str]) -> Iterator[Equation]:
    """Of the year that was closed: what was put in is spent, has lapsed or is carried over."""
    for key in keys:
        for left, right in _of_budget(key, run, rows):
            yield Equation(key, left, right)


def _of_budget(key: str, run: Books, rows: Books) -> Iterator[tuple[Side, Side]]:
    def stands(figure: str) -> Side:
        return figure, rows.of(key, figure)

    def told(figure: str) -> Side:
        return f"{figure} as it was answered", run.of(key, figure)

    yield stands("planned"), told("put in")
    yield stands("planned"), stands("changes")
    yield stands("used"), stands("entries")
    yield stands("entries before the close"), stands("spent")
    yield stands("lapsed"), told("lapsed")
    yield stands("carried over"), told("carried")
    yield stands("carried over"), stands("carried by its changes")
    spent, lapsed = rows.of(key, "spent"), rows.of(key, "lapsed")
    yield stands("planned"), ("spent by the ledger + lapsed", spent + lapsed)
