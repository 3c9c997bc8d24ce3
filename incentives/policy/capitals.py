"""Sums in capital numerals (人民币大写), as 《支付结算办法》 appendix 1 has payment papers written.

Where the appendix leaves a choice, its first example is followed: 零 after 元 when the yuan end in
0 and 角 follow (壹拾万柒仟元零伍角叁分); no 零 between 万 and a full 仟; no 整 after 角.
"""

from collections.abc import Callable
from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
ZERO = DIGITS[0]
TEN_THOUSAND, HUNDRED_MILLION = 10**4, 10**8
MOST_FEN = 10**18 - 1
"""9,999万亿 and more, the largest sum that has a name in 万亿."""


def in_capitals(fen: int) -> str:
    """`壹仟零伍元零陆分` for 100506 fen, without 人民币 before it.

    Raises ValueError for a sum below zero, which no payment paper may carry, or beyond 万亿.
    """
    if not 0 <= fen <= MOST_FEN:
        raise ValueError(f"a sum in capitals is from 0 to {MOST_FEN} fen, not {fen}")
    yuan, rest = divmod(fen, 100)
    whole = f"{_below_wan_yi(yuan)}元" if yuan else ""
    if not rest:
        return f"{whole or '零元'}整"
    return whole + _parts(yuan, *divmod(rest, 10))


def yuan_in_capitals(amount: Decimal) -> str:
    """As `in_capitals`, of yuan with two places; raises ValueError for parts of a fen."""
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"a sum in capitals is in whole fen, not {amount} yuan")
    return in_capitals(int(fen))


def _parts(yuan: int, jiao: int, fen: int) -> str:
    """角 and 分 behind so many yuan; 零 stands for a missing 角, or behind yuan that end in 0."""
    gap = ZERO if yuan and (not jiao or yuan % 10 == 0) else ""
    tenths = f"{DIGITS[jiao]}角" if jiao else ""
    return gap + tenths + (f"{DIGITS[fen]}分" if fen else "")


def _below_wan_yi(number: int) -> str:
    return _split(number, HUNDRED_MILLION, "亿", _below_yi)


def _below_yi(number: int) -> str:
    return _split(number, TEN_THOUSAND, "万", _below_wan)


def _split(number: int, unit: int, name: str, read: Callable[[int], str]) -> str:
    """So many of the unit, and the rest; 零 stands for the places that the rest leaves empty."""
    high, low = divmod(number, unit)
    if not high:
        return read(low)
    gap = ZERO if 0 < low < unit // 10 else ""
    return read(high) + name + gap + (read(low) if low else "")


def _below_wan(number: int) -> str:
    """1 to 9999; one 零 for however many empty places between digits."""
    said, gap = "", False
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if digit:
            said += (ZERO if gap and said else "") + DIGITS[digit] + PLACES[place]
        gap = not digit
    return said
