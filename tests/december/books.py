"""What the run itself knows of every movement, in whole fen; the database is held against it."""

from collections import Counter
from decimal import Decimal

IN_ALL = "in all"


def fen(yuan: Decimal) -> int:
    whole = int(yuan * 100)
    if whole != yuan * 100:
        raise ValueError(f"{yuan} yuan are no whole fen")
    return whole


def yuan(whole: int) -> str:
    sign, rest = ("-" if whole < 0 else ""), abs(whole)
    return f"{sign}{rest // 100:,}.{rest % 100:02}"


def as_yuan(whole: int) -> Decimal:
    return Decimal(whole) / 100


class Books:
    """Fen by programme (or budget) and figure; every entry counts in all as well."""

    def __init__(self) -> None:
        self._sums: Counter[tuple[str, str]] = Counter()

    def add(self, where: str, figure: str, whole: int) -> None:
        self._sums[where, figure] += whole
        self._sums[IN_ALL, figure] += whole

    def of(self, where: str, figure: str) -> int:
        return self._sums[where, figure]
