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
