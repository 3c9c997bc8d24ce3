"""Money, percentages, whole numbers, dates and identifiers, read from text and never from float."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from .text import BadValue, Text, text

FEN = Decimal("0.01")
DIGITS = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4})+)(?:\.\d+)?", re.ASCII)
DATE = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?", re.ASCII)
MONTH_DAY = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
TRUE = {"true", "yes", "是"}
FALSE = {"false", "no", "否"}

LARGEST = 10**24

Scalar = str | int | Decimal | bool | date

MONEY_EXPECTED = text(
    "请以元为单位填写，最多两位小数，如 8000000 或 8,000,000.00",
    "write yuan with at most two decimals, such as 8000000 or 8,000,000.00",
)
RATE_EXPECTED = text("请写成 5% 或 0.05", "write 5% or 0.05")
INTEGER_EXPECTED = text("请填写整数，如 12", "write a whole number such as 12")
DATE_EXPECTED = text("请写成 2021-06-01", "write 2021-06-01")
MONTH_DAY_EXPECTED = text(
    "请写成 06-30（月-日），二月底写 02-28",
    "write 06-30 (month-day), and 02-28 for the end of February",
)
YEAR_EXPECTED = text("请填写四位年份，如 2021", "write a four-digit year such as 2021")
BOOLEAN_EXPECTED = text("请填写 true 或 false（是或否）", "write true or false")
TEXT_EXPECTED = text("请填写不超过2000字的文字", "write text of at most 2000 characters")
IDENTIFIER_EXPECTED = text(
    "请填写不超过200位的编号，如 2020YFB1700100",
    "write a number or code of at most 200 characters, such as 2020YFB1700100",
)


def wrong(value: object, zh: str, en: str, expected: Text) -> BadValue:
    shown = str(value) if len(str(value)) <= 60 else f"{str(value)[:57]}..."
    return BadValue(text(f"“{shown}”{zh}", f"'{shown}' {en}"), expected)


def plain(value: object) -> str:
    """The value as text, full-width forms narrowed, invisible characters dropped, ends trimmed."""
    narrowed = unicodedata.normalize("NFKC", str(value))
    return "".join(c for c in narrowed if unicodedata.category(c) not in {"Cf", "Cc"}).strip()


def decimal(value: object, expected: Text) -> Decimal:
    """An exact number >= 0; thousands may be set off by commas, full-width ones too."""
    if isinstance(value, float):
        raise wrong(value, "是浮点数，不精确", "is a float, which is not exact", expected)
    finite = not isinstance(value, Decimal) or value.is_finite()
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal) or not finite:
        raise wrong(value, "不是数", "is not a number", expected)
    if isinstance(value, int | Decimal) and not -LARGEST < value < LARGEST:
        raise BadValue(text("数值过大", "the number is too large"), expected)
    written = format(value, "f") if isinstance(value, Decimal) else plain(value)
    if written.startswith("-"):
        raise wrong(value, "小于0", "is below 0", expected)
    if DIGITS.fullmatch(written) and len(written) > 24:
        raise BadValue(text("数值过大", "the number is too large"), expected)
    if not DIGITS.fullmatch(written):
        raise wrong(value, "不是数", "is not a number", expected)
    return Decimal(written.replace(",", ""))


def money(value: object) -> Decimal:
    """Yuan >= 0 with two places."""
    bare = plain(value).removeprefix("¥").removesuffix("元").strip()
    number = decimal(bare if isinstance(value, str) else value, MONEY_EXPECTED)
    if number >= Decimal(10) ** 16:
        raise wrong(value, "数额过大", "is too large", MONEY_EXPECTED)
    if number != number.quantize(FEN):
        raise wrong(value, "超过两位小数", "has more than two decimals", MONEY_EXPECTED)
    return number.quantize(FEN)


def rate(value: object) -> Decimal:
    """A fraction: 5% and 0.05 are the same; a bare number above 1 needs its % sign."""
    written = plain(value)
    if isinstance(value, str) and written.endswith("%"):
        return trim(decimal(written[:-1].strip(), RATE_EXPECTED) / 100)
    number = decimal(value, RATE_EXPECTED)
    if number > 1:
        raise wrong(
            value, "缺少百分号", "has no % sign", text(f"请写成 {number}%", f"write {number}%")
        )
    return trim(number)


def ratio(value: object) -> Decimal:
    """A multiple: 1 for 1:1, 0.5, or 50%."""
    written = plain(value)
    if written.endswith("%"):
        return rate(value)
    return trim(
        decimal(value, text("请写成 1（即1:1）、0.5 或 50%", "write 1 (for 1:1), 0.5 or 50%"))
    )


def number(value: object) -> Decimal:
    """A boundary of a band: yuan, a count or a percentage."""
    expected = text("请填写数值，如 1000000 或 5%", "write a number such as 1000000 or 5%")
    return rate(value) if plain(value).endswith("%") else trim(decimal(value, expected))


def integer(value: object) -> int:
    found = decimal(value, INTEGER_EXPECTED)
    if found != found.to_integral_value() or found >= 10**15:
        raise wrong(value, "不是整数", "is not a whole number", INTEGER_EXPECTED)
    return int(found)


def day(value: object) -> date:
    if type(value) is date:
        return value
    found = DATE.fullmatch(plain(value))
    if not found:
        raise wrong(value, "不是日期", "is not a date", DATE_EXPECTED)
    try:
        return date(int(found[1]), int(found[3]), int(found[5]))
    except ValueError:
        raise wrong(value, "不是存在的日期", "is no day of the calendar", DATE_EXPECTED) from None


def month_day(value: object) -> str:
    """A day that every year has, as 06-30."""
    found = MONTH_DAY.fullmatch(plain(value))
    if not found:
        raise wrong(value, "不是月和日", "is no month and day", MONTH_DAY_EXPECTED)
    try:
        return date(2001, int(found[1]), int(found[2])).isoformat()[5:]
    except ValueError:
        raise wrong(
            value, "不是每年都有的日期", "is no day of every year", MONTH_DAY_EXPECTED
        ) from None


def year(value: object) -> int:
    written = plain(value).removesuffix("年")
    if isinstance(value, bool) or not re.fullmatch(r"(19|20|21)\d\d", written, re.ASCII):
        raise wrong(value, "不是年份", "is not a year", YEAR_EXPECTED)
    return int(written)


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    written = plain(value).lower()
    if written not in TRUE | FALSE:
        raise wrong(value, "不是 true 或 false", "is neither true nor false", BOOLEAN_EXPECTED)
    return written in TRUE


def words(value: object) -> str:
    written = plain(value)
    if not isinstance(value, str | int) or isinstance(value, bool) or not 1 <= len(written) <= 2000:
        raise wrong(value, "不是可用的文字", "is not usable text", TEXT_EXPECTED)
    return written


def identifier(value: object) -> str:
    """Upper case, without spaces, one kind of dash: a typo must not open a second cap."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise wrong(value, "不是编号", "is not a code", IDENTIFIER_EXPECTED)
    code = key_text(value)
    if not 1 <= len(code) <= 200:
        raise wrong(value, "不是编号", "is not a code", IDENTIFIER_EXPECTED)
    return code


def key_text(value: object) -> str:
    """The form in which a value stands in a key: no spaces, upper case, one kind of dash."""
    return "".join(plain(value).translate(DASHES).upper().split())


def trim(value: Decimal) -> Decimal:
    """Without trailing zeros, so that equal numbers are written alike."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def to_fen(value: Decimal) -> Decimal:
    return value.quantize(FEN, rounding=ROUND_HALF_UP)


READERS: dict[str, Callable[[object], Scalar]] = {
    "money": money,
    "integer": integer,
    "percent": rate,
    "date": day,
    "year": year,
    "boolean": boolean,
    "choice": words,
    "text": words,
    "identifier": identifier,
}


def read_scalar(kind: str, value: object) -> Scalar:
    """Read a value of a fact type (money in yuan, percent as a fraction); raises BadValue."""
    return READERS[kind](value)


@lru_cache(maxsize=4096)
def literal(kind: str, written: str) -> Scalar:
    """A value written in a programme; the loader has already checked that it can be read."""
    return READERS[kind](written)
