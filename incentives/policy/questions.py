"""The facts a programme asks for, as declared in its file."""

from typing import Annotated, Literal

from pydantic import Field

from .conditions import Condition
from .positions import Flag, Key
from .text import Model, Text, text


class Asked(Model):
    """What any fact may say of itself; `profile` facts are kept and reused by the organisation.

    `may_follow`: its papers are not key; a case can be filed on a written promise to bring them.
    """

    label: Text
    help: Text | None = None
    evidence: tuple[Text, ...] = ()
    profile: Flag = False
    optional: Flag = False
    may_follow: Flag = False
    unit: Text | None = None
    asked_if: Condition | None = None


class RangedFact(Asked):
    """A number or a day; minimum and maximum are inclusive, in the fact's own type."""

    type: Literal["money", "integer", "percent", "date", "year"]
    minimum: str | None = None
    maximum: str | None = None


class PlainFact(Asked):
    type: Literal["boolean", "text", "identifier"]


class ChoiceFact(Asked):
    type: Literal["choice"]
    of: Annotated[dict[str, Text], Field(min_length=1)]


Column = Annotated[RangedFact | PlainFact | ChoiceFact, Field(discriminator="type")]


class RosterFact(Asked):
    """A list with one row a person or thing."""

    type: Literal["roster"]
    columns: Annotated[dict[Key, Column], Field(min_length=1)]


Fact = Annotated[RangedFact | PlainFact | ChoiceFact | RosterFact, Field(discriminator="type")]

KIND_LABELS: dict[str, Text] = {
    "enterprise": text("企业", "enterprise"),
    "university": text("高校", "university"),
    "research_institute": text("科研院所", "research institute"),
    "fund": text("基金", "fund"),
    "district_government": text("区（市）政府", "district government"),
    "intermediary": text("中介机构", "intermediary"),
    "social_organisation": text("社会组织", "social organisation"),
    "person": text("个人", "person"),
}
APPLICANT_KIND = ChoiceFact(
    type="choice", of=KIND_LABELS, label=text("申报主体类型", "kind of applicant")
)

RECOGNITIONS = RosterFact(
    type="roster",
    label=text("已获认定（登记册）", "recognitions in the registers"),
    columns={
        "title": PlainFact(type="text", label=text("称号", "title")),
        "level": PlainFact(type="text", label=text("级别", "level"), optional=True),
        "from": RangedFact(type="date", label=text("起", "from"), optional=True),
        "until": RangedFact(type="date", label=text("止", "until"), optional=True),
    },
)
