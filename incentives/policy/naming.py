"""The keys under which history is counted, made of the values of roles and facts."""

from collections.abc import Iterable, Mapping

from .case import Case
from .facts import shown
from .scalars import key_text
from .text import InputError, Problem, text

ESCAPED = str.maketrans({"%": "%25", ":": "%3A", "=": "%3D", "|": "%7C"})


def escaped(value: object) -> str:
    return key_text(value).translate(ESCAPED)


def key_value(name: str, case: Case, roles: Mapping[str, str], subject: str | None) -> str | None:
    """A role's or a fact's value; None after noting the fact it lacks.

    Raises InputError for a role that no one has named.
    """
    if name in roles:
        return escaped(roles[name])
    key = subject if name == "subject" else name
    if key is None or name in {"applicant", "payee"}:
        raise lacking(f"roles.{name}")
    found = case.fact(key)
    return None if found is None else escaped(shown(found))


def lacking(*fields: str) -> InputError:
    problem = text("未填写", "is missing")
    expected = text("请填写后再计入上限", "give it before caps are counted")
    return InputError(Problem(field, problem, expected) for field in fields)


def cap_key(code: str, cap: str, counted: Iterable[tuple[str, str]], year: int | None) -> str:
    parts = ["cap", code, cap, *(f"{name}={value}" for name, value in counted)]
    return ":".join(parts + ([] if year is None else [str(year)]))


def tally_key(name: str, values: Iterable[str], year: int | None) -> str:
    """Values only, so that programmes meet on it whatever their facts are called."""
    parts = ["tally", name, "|".join(values)]
    return ":".join(parts + ([] if year is None else [str(year)]))
