"""What the pages say in Chinese, by the English words of the code."""

from django.utils.translation import gettext, override


def said(words: object, **values: object) -> str:
    """As a Chinese reader sees it; lazy words of the code are taken as they are."""
    with override("zh-hans"):
        written = gettext(words) if isinstance(words, str) else str(words)
        return written % values if values else written


def yuan(amount: int) -> str:
    return f"{amount:,}.00 元"


CUT = "Cut by “%(cap)s” by %(off)s: limit %(limit)s, used %(used)s, left %(room)s."


def cut(cap: str, *, off: int, limit: int, used: int, room: int) -> str:
    """What a decision says of a cap in yuan that cut it."""
    figures = {"off": off, "limit": limit, "used": used, "room": room}
    return said(CUT, cap=cap, **{name: yuan(figure) for name, figure in figures.items()})
