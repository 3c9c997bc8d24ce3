"""Divides a sum of yuan so that the parts add up to it, to the fen."""

from collections.abc import Hashable, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import TypeVar

from .scalars import FEN, to_fen

Name = TypeVar("Name", bound=Hashable)


def in_turn(amount: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """Each share half-up to the fen, in order, of what is left; the last takes the rest."""
    parts: list[Decimal] = []
    for share in shares[:-1]:
        parts.append(min(to_fen(amount * share), amount - sum(parts, Decimal(0))))
    return [*parts, amount - sum(parts, Decimal(0))] if shares else []


def by_largest_remainder(
    amount: Decimal, weights: Sequence[tuple[Name, Fraction]]
) -> dict[Name, Decimal]:
    """Each weight's part of the amount, rounded down; the fen left go to the largest remainders.

    The first listed wins a tie. `weights` need not add up to 1.
    """
    whole = sum((weight for _, weight in weights), Fraction(0))
    exact = {name: Fraction(amount) * weight / whole for name, weight in weights}
    parts = {name: down(part) for name, part in exact.items()}
    left = int((amount - sum(parts.values(), Decimal(0))) / FEN)
    order = sorted(exact, key=lambda name: Fraction(parts[name]) - exact[name])
    for name in order[:left]:
        parts[name] += FEN
    return parts


def down(part: Fraction) -> Decimal:
    fen = part * 100
    return (Decimal(fen.numerator // fen.denominator) * FEN).quantize(FEN, rounding=ROUND_DOWN)
