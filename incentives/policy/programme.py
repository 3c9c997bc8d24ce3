"""A programme: what one clause promises, to whom, how much, under which ceilings."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from .caps import Cap, SameEvent
from .checks_whole import check
from .conditions import Condition, FirstTime, Held, NotHeld
from .derived import Derived, GrowthRate
from .examples import Example
from .nodes import Node
from .obligations import Obligation
from .outcomes import Outcome
from .positions import Code, Date, Flag, Key, Name, Unset
from .questions import APPLICANT_KIND, RECOGNITIONS, Fact
from .settings import Assumption, Parameter
from .terms import Instalment, PayerShare, Round, Tally
from .text import Model, Text, Words
from .walk import Place, walk
from .workflow import Choice

Kind = Literal[
    "enterprise",
    "university",
    "research_institute",
    "fund",
    "district_government",
    "intermediary",
    "social_organisation",
    "person",
]


class Source(Model):
    """Where it is printed; `also` holds further sentences of the clause, apart from the first."""

    document: Code
    section: Words
    quote: Words
    also: tuple[Words, ...] = ()

    @property
    def quotes(self) -> tuple[str, ...]:
        return (self.quote, *self.also)


class Force(Model):
    from_: Date | None = Field(None, alias="from")
    until: Date | None = None


class Window(Model):
    opens: Date
    closes: Date


class Bureaus(Model):
    """Bureau codes as printed, and those who handle and give opinions as configured.

    `parts` say for a bureau on which part of the case its opinion is asked.
    """

    printed: tuple[Code, ...]
    shared_duty: Flag = False
    groups: tuple[tuple[Code, ...], ...] = ()
    handling: Code
    opinions: tuple[Code, ...] | None = None
    parts: dict[Code, Text] = Field(default_factory=dict)

    @property
    def asked(self) -> tuple[str, ...]:
        """The bureaus whose opinion is asked."""
        if self.opinions is not None:
            return self.opinions
        return tuple(code for code in self.printed if code != self.handling)


class Roles(Model):
    applicant: Annotated[tuple[Kind, ...], Field(min_length=1)]
    subject: Key | None = None
    payee: Literal["applicant", "members", "district"] = "applicant"
    members: Key | None = None
    payer: Literal["city", "district"] = "city"


class Programme(Model):
    code: Code
    city: Code
    case_type: Key
    title: Text
    summary: Text
    verb: Words
    source: Source
    in_force: Annotated[Force | None, Unset] = None
    bureaus: Bureaus
    workflow: Choice | None = None
    roles: Roles
    facts: dict[Key, Fact]
    derived: dict[Key, Derived] = Field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    outcome: Outcome = Outcome()
    amount: tuple[Node, ...] = ()
    caps: tuple[Cap, ...] = ()
    same_event: tuple[SameEvent, ...] = ()
    tallies: dict[Name, Tally] = Field(default_factory=dict)
    schedule: tuple[Instalment, ...] = ()
    payers: tuple[PayerShare, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    round: Round | None = None
    parameters: dict[Key, Parameter] = Field(default_factory=dict)
    assumptions: dict[Key, Assumption] = Field(default_factory=dict)
    window: Annotated[Window | None, Unset] = None
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def hangs_together(self) -> "Programme":
        check(self)
        return self

    @cached_property
    def given(self) -> dict[str, Fact]:
        """What a case may give: its facts, kind and recognitions, and rates left to reviewers."""
        asked: dict[str, Fact] = {
            name: value.as_fact
            for name, value in self.derived.items()
            if isinstance(value, GrowthRate) and value.when_last_zero == "unknown"
        }
        first: dict[str, Fact] = {"applicant_kind": APPLICANT_KIND}
        return {**first, **self.facts, "recognitions": RECOGNITIONS, **asked}

    @cached_property
    def asks_registers(self) -> bool:
        """Whether a condition looks at what the city's registers hold of the applicant."""
        parts = walk(self, Place((), {}))
        return any(isinstance(part, Held | NotHeld | FirstTime) for part, _ in parts)

    @cached_property
    def scope(self) -> dict[str, Fact]:
        """What a condition or amount may read: the facts given and the values derived of them."""
        derived: dict[str, Fact] = {name: value.as_fact for name, value in self.derived.items()}
        return {**self.given, **derived}

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def programme_from_json(data: dict[str, Any]) -> Programme:
    return Programme.model_validate(data)


def digest(programme: Programme) -> str:
    """SHA-256 (hex) of the canonical JSON: equal for equal programmes, however they were typed."""
    written = json.dumps(
        programme.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(written.encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """JSON Schema of a programme file, for editors."""
    return Programme.model_json_schema(by_alias=True)
