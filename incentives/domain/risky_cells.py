"""Text that a spreadsheet would calculate, or read as a number or a date, gets one apostrophe in
front: in Python and, over a million lines, in PostgreSQL. Both read the same patterns.
"""

import re

# Blanks and digits are written out: what \s and \d mean differs between the two.
BLANK = r"\u0001-\u0020\u0085\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
DIGIT = r"[0-9０-９]"
# A formula after any blanks (full-width too), an apostrophe, or a control character.
FORMULA = rf"^(?:[{BLANK}]*[-=+@＝＋－＠']|[\t\r\n])"
NUMBER = rf"^[-0-9０-９{BLANK}.,:/+eE%]+$"
_FORMULA, _NUMBER, _DIGIT = map(re.compile, (FORMULA, NUMBER, DIGIT))


def is_risky(text: str) -> bool:
    return bool(_FORMULA.search(text) or (_NUMBER.search(text) and _DIGIT.search(text)))


def guarded(text: str) -> str:
    return f"'{text}" if is_risky(text) else text


def guarded_sql(text: str) -> str:
    """The same of an SQL expression; NULL stays NULL. For statements that take parameters.

    Patterns are slow: nearly every cell is known by its first character to be in none of them (a
    Chinese one, a Latin letter from F on; e is in numbers), or by the first after its digits.
    """
    calm = f"ascii({text}) BETWEEN 19968 AND 40959 OR (ascii({text}) | 32) BETWEEN 102 AND 122"
    apostrophe = f"THEN '''' || {text}"
    return (
        f"CASE WHEN {calm} OR {text} = '' THEN {text}"
        f" WHEN ascii({text}) BETWEEN 48 AND 57 AND {_LETTER.format(text)} THEN {text}"
        f" WHEN {risky_sql(text)} {apostrophe} ELSE {text} END"
    )


# What follows the digits that it begins with is a Latin letter from F on.
_LETTER = "(ascii(ltrim({}, '0123456789')) | 32) BETWEEN 102 AND 122"


def risky_sql(text: str) -> str:
    formula, number, digit = (f"{text} ~ {_quoted(p)}" for p in (FORMULA, NUMBER, DIGIT))
    return f"({formula} OR {number} AND {digit})"


def _quoted(pattern: str) -> str:
    return "'" + pattern.replace("'", "''").replace("%", "%%") + "'"
