from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

FEN = Decimal("0.01")


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Shares of an amount (yuan) by weight that add up to it, to the fen.

    Each share is cut to the fen; the fen left over go, one each, to the largest remainders, and
    among equal remainders to the earlier.
    """
    total = sum(weights)
    exact = [amount * weight / total for weight in weights]
    shares = [share.quantize(FEN, ROUND_DOWN) for share in exact]
    left = int((amount - sum(shares)) / FEN)
    order = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for index in order[:left]:
        shares[index] += FEN
    return shares


def crossed(rows: Sequence[Decimal], columns: Sequence[Decimal]) -> list[list[Decimal]]:
    """Yuan by row and column that add up to both, to the fen; rows and columns have one sum.

    Each column is split by what the columns before it left of the rows, so that no row gets more
    than it has.
    """
    left = list(rows)
    found: list[list[Decimal]] = [[] for _ in rows]
    for column in columns:
        parts = split(column, left) if column else [column] * len(rows)
        left = [rest - part for rest, part in zip(left, parts, strict=True)]
        for row, part in zip(found, parts, strict=True):
            row.append(part)
    return found
