"""How a case is handled (办理流程): by which stages, in how many working days, with whose opinions.

Every programme has a workflow: a preset of catalogue/workflows.yaml with what is chosen otherwise
laid over it. What follows the determination (finance check, publicity, award or entry in a
register) is no choice: the outcome of the programme says it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from . import scalars
from .positions import Code, Flag, Key
from .text import BadValue, Model, Text, text
from .yamlfile import read_yaml

FILE = Path(__file__).parents[1] / "catalogue" / "workflows.yaml"
LONGEST = 1000  # working days

Preset = Literal["standard", "competitive", "light", "filing", "audit_first"]
Stage = Literal["acceptance", "audit", "opinion", "scoring"]
Agreement = Literal["all", "majority", "handling"]
Period = Literal[
    "acceptance",
    "supplement",
    "audit",
    "opinion",
    "scoring",
    "determination",
    "finance_check",
    "publication",
    "publicity",
    "award",
]
Source = Literal["case_type", "origin", "city", "file", "programme", "earlier"]
STAGES: tuple[Stage, ...] = get_args(Stage)
PERIODS: tuple[Period, ...] = get_args(Period)


def working_days(value: object) -> int:
    """A number of working days; 0 is for publicity alone, see `Choice`."""
    days = scalars.integer(value)
    if not 0 <= days <= LONGEST:
        raise BadValue(
            text(f"“{value}”不是可用的天数", f"'{value}' is no usable number of days"),
            text(f"请写 1 至 {LONGEST} 的工作日数", f"write working days from 1 to {LONGEST}"),
        )
    return days


Days = Annotated[
    int,
    PlainValidator(working_days),
    PlainSerializer(int, return_type=int),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": LONGEST}),
]


def only_publicity_may_be_none(days: dict[Period, int]) -> dict[Period, int]:
    for period, number in days.items():
        if number == 0 and period != "publicity":
            raise BadValue(
                text(f"{period} 不能为 0", f"{period} cannot be 0"),
                text("请写至少 1 个工作日", "write at least 1 working day"),
            )
    return days


Periods = Annotated[dict[Period, Days], AfterValidator(only_publicity_may_be_none)]


class Choice(Model):
    """What a programme's file chooses. With a preset it starts from that, else it only changes."""

    preset: Preset | None = None
    stages: dict[Stage, Flag] = Field(default_factory=dict)
    days: Periods = Field(default_factory=dict)
    agreement: Agreement | None = None


class CityChoice(Choice):
    """What the city chooses: besides, which bureaus give an opinion, and on which part."""

    opinions: tuple[Code, ...] | None = None
    parts: dict[Code, Text] = Field(default_factory=dict)


class Named(Model):
    name: Text
    explanation: Text


class PresetEntry(Named):
    """A preset as the file of workflows has it; its days give way to those the city has set."""

    stages: tuple[Stage, ...]
    agreement: Agreement = "all"
    days: Periods = Field(default_factory=dict)


class Workflows(Model):
    presets: dict[Preset, PresetEntry]
    agreements: dict[Agreement, Named]
    case_types: dict[Key, Preset] = Field(default_factory=dict)
    origins: dict[Key, Preset] = Field(default_factory=dict)
    own_duties: Text
    duties: dict[Code, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def is_whole(self) -> "Workflows":
        absent = [
            *({*get_args(Preset)} - {*self.presets}),
            *({*get_args(Agreement)} - {*self.agreements}),
        ]
        if absent:
            listed = ", ".join(sorted(absent))
            raise BadValue(
                text(f"缺少：{listed}", f"absent: {listed}"),
                text("请补上", "describe it under presets or agreements"),
            )
        return self


class Workflow(Model):
    """What holds for a case. `days` are those chosen, `usual` those of the preset.

    `chosen` says where the preset comes from. `parts` names for each bureau in `opinions` what its
    opinion is asked on; a bureau without a part is asked about the whole case.
    """

    preset: Preset
    chosen: Source
    stages: tuple[Stage, ...]
    agreement: Agreement
    days: Periods = Field(default_factory=dict)
    usual: Periods = Field(default_factory=dict)
    opinions: tuple[Code, ...] = ()
    parts: dict[Code, Text] = Field(default_factory=dict)

    @property
    def competitive(self) -> bool:
        return "scoring" in self.stages

    def has(self, stage: Stage) -> bool:
        return stage in self.stages


@cache
def workflows() -> Workflows:
    return Workflows.model_validate(read_yaml(FILE).data)


def usual_preset(case_type: str, origin: str) -> tuple[Preset, Source]:
    """The preset where nobody chose one: by how the case came about, else by its type."""
    known = workflows()
    if origin in known.origins:
        return known.origins[origin], "origin"
    return known.case_types.get(case_type, "standard"), "case_type"


def begin(preset: Preset, chosen: Source) -> Workflow:
    entry = workflows().presets[preset]
    return Workflow(
        preset=preset,
        chosen=chosen,
        stages=entry.stages,
        agreement=entry.agreement,
        usual=entry.days,
    )


def lay(under: Workflow, choice: Choice | None, source: Source) -> Workflow:
    """A choice laid over what held before it; the newer word counts for each stage and period."""
    if choice is None:
        return under
    base = under if choice.preset is None else begin(choice.preset, source)
    on = {stage: choice.stages.get(stage, stage in base.stages) for stage in STAGES}
    return base.model_copy(
        update={
            "stages": tuple(stage for stage in STAGES if on[stage]),
            "days": {**base.days, **choice.days},
            "agreement": choice.agreement or base.agreement,
        }
    )


def asked(
    codes: Iterable[str], *, handling: str, parts: Iterable[Mapping[str, Text]], shared_duty: bool
) -> tuple[tuple[str, ...], dict[str, Text]]:
    """The bureaus that give an opinion, and the part of each: the first of `parts` that names it.

    Where the clause prints that they share duty by function (按职责分工), a bureau that nobody
    named a part for is asked about what its duties cover.
    """
    known = workflows()
    bureaus = tuple(dict.fromkeys(code for code in codes if code != handling))
    usual = {code: known.duties.get(code, known.own_duties) for code in bureaus}
    layers = [*parts, usual] if shared_duty else list(parts)
    found = {code: _first(code, layers) for code in bureaus}
    return bureaus, {code: part for code, part in found.items() if part is not None}


def _first(code: str, layers: Iterable[Mapping[str, Text]]) -> Text | None:
    return next((layer[code] for layer in layers if code in layer), None)


def read_choice(raw: object) -> CityChoice:
    """What a city chose, as JSON keeps it; raises BadValue with what to write instead."""
    try:
        return CityChoice.model_validate(raw)
    except ValidationError as error:
        raise _problem(dict(error.errors()[0])) from None


def _problem(item: dict[str, Any]) -> BadValue:
    own = item.get("ctx", {}).get("error")
    where = ".".join(str(part) for part in item["loc"] if part != "[key]")
    if isinstance(own, BadValue):
        said = text(f"{where} {own.problem.zh}".strip(), f"{where} {own.problem.en}".strip())
        return BadValue(said, own.expected)
    usual = "{zh: …, en: …}" if where.startswith("parts") else "preset, stages, days, agreement, …"
    expected = item.get("ctx", {}).get("expected") or usual
    return BadValue(
        text(f"流程设置“{where}”不可用", f"'{where}' of the workflow is not usable"),
        text(f"请写：{expected}", f"write: {expected}"),
    )
