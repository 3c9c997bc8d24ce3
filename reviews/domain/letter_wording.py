"""What letters say: the catalogue's wording by kind, its placeholders, and filling them in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Refused
from incentives.domain.catalogue import FOLDER
from reviews.models.letter import LetterKind

FILE = FOLDER / "letters.yaml"
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
MEANINGS: dict[str, str | Promise] = {
    "number": _("the letter's number"),
    "case_number": _("case number"),
    "applicant": _("the applicant's name"),
    "applicant_code": _("unified social credit code, or identity number masked"),
    "you": _("how the applicant is addressed: an organisation or a person"),
    "programme": _("title of the programme"),
    "basis": _("the document and the clause that the decision rests on"),
    "bureau": _("full name of the bureau"),
    "city": _("city"),
    "filed_on": _("day of filing"),
    "issued_on": _("day of the letter"),
    "due_on": _("last day of the period that now runs"),
    "defects": _("every defect, a line each"),
    "reason": _("the reason given for the decision"),
    "cuts": _("what ceilings took off, a line each"),
    "amount": _("sum in figures"),
    "capitals": _("sum in capital numerals"),
    "assessed": _("sum assessed, where a ceiling left less"),
    "what": _("what is conferred where no money is"),
    "terms": _("terms"),
    "ends_on": _("last day of validity"),
    "register": _("number in the register"),
    "outcome": _("the result in words"),
    "objector": _("who objected"),
    "objection_number": _("number of the objection"),
    "reconsideration_days": _("days to ask for reconsideration"),
    "reconsideration_until": _("last day to ask for reconsideration"),
}
COMMON = (
    "number", "case_number", "applicant", "applicant_code", "you", "programme", "basis", "bureau",
    "city", "filed_on", "issued_on",
)  # fmt: skip
AGAIN = ("reconsideration_days", "reconsideration_until")
OWN: Mapping[LetterKind, tuple[str, ...]] = {
    LetterKind.ACCEPTED: ("due_on",),
    LetterKind.RETURNED: ("defects", "due_on"),
    LetterKind.NOT_ACCEPTED: ("reason", *AGAIN),
    LetterKind.GRANTED: (
        "amount", "capitals", "assessed", "what", "terms", "ends_on", "register", "reason",
    ),
    LetterKind.REFUSED: ("reason", "cuts", *AGAIN),
    LetterKind.RECONSIDERED: ("outcome", "reason"),
    LetterKind.OBJECTION: ("objector", "objection_number", "outcome", "reason"),
    LetterKind.RECOVERY: ("amount", "capitals", "due_on", "reason", *AGAIN),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """`word` stands in the number, as 受 in 受字."""

    word: str
    title: str
    body: str


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read


def declared(kind: LetterKind) -> Wording:
    """As the catalogue words it."""
    return Wording(**_file()["kinds"][kind.value])


def declared_marks(city: str) -> dict[str, str]:
    """By the codes of bureaus."""
    return dict(_file()["marks"].get(city, {}))


def known(kind: LetterKind) -> tuple[str, ...]:
    """The placeholders that a letter of the kind can fill."""
    return (*COMMON, *OWN[kind])


def sample(kind: LetterKind) -> dict[str, str]:
    """Values of a made-up case, to look at a wording."""
    values: dict[str, str] = _file()["sample"]
    return {name: values[name] for name in known(kind) if name != "number"}


def require_fillable(kind: LetterKind, field: str, text: str) -> None:
    """Raises Refused on the field for a placeholder that letters of this kind do not know."""
    if not text.strip():
        raise Refused({field: _now("Write the wording.")})
    strange = [name for name in PLACEHOLDER.findall(text) if name not in known(kind)]
    if strange:
        told = {"names": _braced(strange), "known": _braced(known(kind))}
        words = _now("There is no placeholder %(names)s in this letter. Use of: %(known)s.")
        raise Refused({field: words % told})
    if re.search("[{}]", PLACEHOLDER.sub("", text)):
        raise Refused({field: _now("A brace stands alone; write placeholders as {applicant}.")})


def _braced(names: "tuple[str, ...] | list[str]") -> str:
    return "、".join(f"{{{name}}}" for name in dict.fromkeys(names))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; a line whose placeholders are all empty is left out."""
    lines = [line for line in text.strip().splitlines() if _says_something(line, values)]
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), "\n".join(lines))


def _says_something(line: str, values: Mapping[str, str]) -> bool:
    names = PLACEHOLDER.findall(line)
    return not names or any(values.get(name) for name in names)
