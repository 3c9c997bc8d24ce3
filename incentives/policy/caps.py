"""Ceilings counted over a case's history, and groups that reward one event together."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from .conditions import Condition
from .nodes import ByTable, Node, NodeBase
from .positions import OWN, OWN_OR_REF, Flag, Key, MoneyValue, Ref, TextRef
from .text import Model, Text

Names = Annotated[TextRef | Annotated[tuple[str, ...], OWN], OWN_OR_REF]


def named(value: object) -> str:
    return "·ref" if isinstance(value, Ref) or str(value).startswith("@") else "·own"


NAMED = Discriminator(named)
Period = Annotated[TextRef | Annotated[Literal["life", "year"], OWN], NAMED]
Rule = Annotated[TextRef | Annotated[Literal["highest", "once", "warn"], OWN], NAMED]
YearOf = Annotated[TextRef | Annotated[Key, OWN], NAMED]


def limit_shape(value: object) -> str:
    """A number, a table by one fact, or a node that leaves nothing to choose."""
    if isinstance(value, dict):
        return "·by" if "by" in value else "·node"
    if isinstance(value, NodeBase):
        return "·node"
    return "·by" if isinstance(value, ByTable) else "·number"


CapLimit = Annotated[
    Annotated[MoneyValue, Tag("·number")]
    | Annotated[ByTable, Tag("·by")]
    | Annotated[Node, Tag("·node")],
    Discriminator(limit_shape),
]


class Cap(Model):
    """A limit in yuan, in a count of awards, or in a count of rows of the roster `over`.

    `per` nothing means the whole programme; where rows are counted it names their columns.
    """

    id: Key
    label: Text
    limit: CapLimit
    per: Names
    period: Period
    year_of: YearOf = "approval"
    unit: Literal["yuan", "awards", "rows"] = "yuan"
    over: Key | None = None
    printed: Flag
    when: Condition | None = None

    @model_validator(mode="after")
    def counted_in_whole_numbers(self) -> "Cap":
        if self.unit != "yuan" and isinstance(self.limit, Ref) and self.limit.type == "money":
            return self.model_copy(update={"limit": Ref(self.limit.name, "integer")})
        return self


class SameEvent(Model):
    """Programmes of one group meet on the values of `instance`, whatever their facts are called."""

    group: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    instance: Annotated[tuple[str, ...], Field(min_length=1)]
    rule: Rule
    when: Condition | None = None
