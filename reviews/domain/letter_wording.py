"""What letters say: the catalogue's wording by kind, its placeholders, and filling them in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.domain.errors import Refused
from incentives.domain.catalogue import FOLDER
from reviews.models.letter import LetterKind

FILE = FOLDER / "letters.yaml"
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
MEANINGS: dict[str, str | Promise] = {
    "number": _l("the letter's number"),
    "case_number": _l("case number"),
    "applicant": _l("the applicant's name"),
    "applicant_code": _l("unified social credit code, or identity number masked"),
    "you": _l("你单位 to an organisation, 你 to a person"),
    "programme": _l("title of the programme"),
    "basis": _l("the document and the clause that the decision rests on"),
    "bureau": _l("full name of the bureau"),
    "city": _l("city"),
    "filed_on": _l("day of filing"),
    "issued_on": _l("day of the letter"),
    "due_on": _l("last day of the period that now runs"),
    "defects": _l("every defect, a line each"),
    "reason": _l("the reason given for the decision"),
    "cuts": _l("what ceilings took off, a line each"),
    "amount": _l("sum in figures"),
    "capitals": _l("sum in capital numerals"),
    "assessed": _l("sum assessed, where a ceiling left less"),
    "what": _l("what is conferred where no money is"),
    "terms": _l("terms"),
    "ends_on": _l("last day of validity"),
    "register": _l("number in the register"),
    "outcome": _l("the result in words"),
    "objector": _l("who objected"),
    "objection_number": _l("number of the objection"),
    "reconsideration_days": _l("days to ask for reconsideration"),
    "reconsideration_until": _l("last day to ask for reconsideration"),
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
        raise Refused({field: _("Write the wording.")})
    strange = [name for name in PLACEHOLDER.findall(text) if name not in known(kind)]
    if strange:
        told = {"names": _braced(strange), "known": _braced(known(kind))}
        words = _("There is no placeholder %(names)s in this letter. Use of: %(known)s.")
        raise Refused({field: words % told})
    if re.search("[{}]", PLACEHOLDER.sub("", text)):
        raise Refused({field: _("A brace stands alone; write placeholders as {applicant}.")})


def _braced(names: "tuple[str, ...] | list[str]") -> str:
    return "、".join(f"{{{name}}}" for name in dict.fromkeys(names))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; a line whose placeholders are all empty is left out."""
    lines = [line for line in text.strip().splitlines() if _says_something(line, values)]
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), "\n".join(lines))


def _says_something(line: str, values: Mapping[str, str]) -> bool:
    names = PLACEHOLDER.findall(line)
    return not names or any(values.get(name) for name in names)
