"""Programme files to programmes, every fault with its file, its line and what to write instead."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .checks import CheckFailed
from .conditions import KINDS as CONDITIONS
from .derived import KINDS as DERIVED
from .nodes import KINDS
from .programme import Programme
from .text import BadValue, Text, text
from .yamlfile import Document, FileError, FileProblem, read_yaml

MAPPING = (text("不是键值", "this is no mapping"), text("请写成 {键: 值}", "write {key: value}"))
LIST = (text("不是列表", "this is no list"), text("请写成 [甲, 乙]", "write a list [a, b]"))
NAME = text(
    "请以小写字母开头，只用小写字母、数字和 _（代码用 -）",
    "begin with a lower-case letter; use lower-case letters, digits and _ (in codes -)",
)
SEE_SCHEMA = text(
    "请参照 python -m incentives.policy schema 所列格式",
    "see the form printed by python -m incentives.policy schema",
)
IN_WORDS = {
    "model_type": MAPPING,
    "dict_type": MAPPING,
    "tuple_type": LIST,
    "string_type": (text("不是文字", "this is no text"), text("请写一段文字", "write a text")),
    "too_short": (
        text("没有内容", "nothing is listed"),
        text("请至少写一项", "write at least one"),
    ),
    "string_too_short": (
        text("没有内容", "nothing is written"),
        text("请写出内容", "write a text"),
    ),
    "string_pattern_mismatch": (text("名称不合规", "the name has the wrong form"), NAME),
    "node_kind": (
        text("不是金额", "this is no amount"),
        text(
            f"请写事实名、金额，或以下之一：{'、'.join(KINDS)}",
            f"write a fact's name, a sum, or one of {', '.join(KINDS)}",
        ),
    ),
    "condition_kind": (
        text("不是条件", "this is no condition"),
        text(f"请写以下之一：{'、'.join(CONDITIONS)}", f"write one with {', '.join(CONDITIONS)}"),
    ),
    "derived_kind": (
        text("不是算出的值", "this is no derived value"),
        text(f"请写以下之一：{'、'.join(DERIVED)}", f"write one of {', '.join(DERIVED)}"),
    ),
}


def load_programme(path: Path) -> Programme:
    """Read, check and return one programme; raises FileError with every fault found."""
    document = read_yaml(path)
    programme = programme_of(document)
    if problems := misplaced(programme, path, document):
        raise FileError(problems)
    return programme


def programme_of(document: Document) -> Programme:
    """The programme of a document wherever it stands; raises FileError with every fault found."""
    try:
        return Programme.model_validate(document.data)
    except ValidationError as error:
        raise FileError(sorted_problems(document, error)) from None


def load_folder(path: Path) -> dict[str, Programme]:
    """All programmes (*.yaml) of a city's folder by code; raises FileError for all its files."""
    programmes: dict[str, Programme] = {}
    problems: list[FileProblem] = []
    for file in sorted(path.glob("*.yaml")):
        try:
            programmes[file.stem] = load_programme(file)
        except FileError as error:
            problems.extend(error.problems)
    if problems:
        raise FileError(problems)
    return programmes


def misplaced(programme: Programme, path: Path, document: Document) -> list[FileProblem]:
    """The code is the file's name, the city its folder."""
    wanted = {"code": (programme.code, path.stem), "city": (programme.city, path.parent.name)}
    return [
        document.problem(
            (key,),
            text(f"“{found}”与位置不符", f"'{found}' does not match where the file stands"),
            text(f"请写 {key}: {place}，或移动文件", f"write {key}: {place}, or move the file"),
        )
        for key, (found, place) in wanted.items()
        if found != place
    ]


def sorted_problems(document: Document, error: ValidationError) -> list[FileProblem]:
    items = [dict(item) for item in error.errors() if not echoes(dict(item))]
    found = [p for item in items for p in problems_of(document, item)]
    return sorted(found, key=lambda p: p.line)


def echoes(item: dict[str, Any]) -> bool:
    """A list whose items are all wrong is also called empty: the items say enough."""
    return item["type"] == "too_short" and bool(item["input"])


def problems_of(document: Document, item: dict[str, Any]) -> list[FileProblem]:
    own = item.get("ctx", {}).get("error")
    if isinstance(own, CheckFailed):
        return [document.problem(f.loc, f.problem, f.expected) for f in own.faults]
    if isinstance(own, BadValue):
        return [document.problem(item["loc"], own.problem, own.expected)]
    return [document.problem(item["loc"], *in_words(item))]


def in_words(item: dict[str, Any]) -> tuple[Text, Text]:
    """Pydantic's own complaints, and what to write instead."""
    name = str(item["loc"][-1]) if item["loc"] else ""
    if item["type"] == "missing":
        return (
            text(f"缺少“{name}”", f"'{name}' is missing"),
            text(f"请补上 {name}:", f"add {name}:"),
        )
    if item["type"] == "extra_forbidden" and item["input"] == "":
        return (
            text(f"“{name}”没有值", f"'{name}' stands alone, without a value"),
            text(
                "若属于前面的文字，请给整段文字加引号",
                "if it ends the text before it, quote that text",
            ),
        )
    if item["type"] == "extra_forbidden":
        return (
            text(f"不认识“{name}”", f"'{name}' is not known here"),
            text("请检查拼写，或删去", "check the spelling, or drop it"),
        )
    if item["type"] in IN_WORDS:
        return IN_WORDS[item["type"]]
    context = item.get("ctx", {})
    expected = context.get("expected") or context.get("expected_tags")
    if expected:
        shown = f"'{item['input']}'" if isinstance(item["input"], str) else "this"
        return (
            text(f"{shown} 不在允许之列", f"{shown} is not allowed"),
            text(f"请写 {expected}", f"write {expected}"),
        )
    return text(f"格式不符：{item['msg']}", item["msg"]), SEE_SCHEMA
