"""Programme files to programmes, every fault with its file, its line and what to write instead."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .checks import CheckFailed
from .programme import Programme
from .text import BadValue, Text, text
from .yamlfile import Document, FileError, FileProblem, read_yaml

WRONG_KIND = {
    "model_type": text("请写成 {键: 值}", "write a mapping {key: value}"),
    "dict_type": text("请写成 {键: 值}", "write a mapping {key: value}"),
    "tuple_type": text("请写成列表 [甲, 乙]", "write a list [a, b]"),
    "string_type": text("请写成一段文字", "write a single text"),
    "too_short": text("请至少写一项", "write at least one"),
    "string_too_short": text("请写出内容", "write something"),
}


def load_programme(path: Path) -> Programme:
    """Read, check and return one programme; raises FileError with every fault found."""
    document = read_yaml(path)
    try:
        programme = Programme.model_validate(document.data)
    except ValidationError as error:
        raise FileError(sorted_problems(document, error)) from None
    if problems := misplaced(programme, path, document):
        raise FileError(problems)
    return programme


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
    found = [p for item in error.errors() for p in problems_of(document, dict(item))]
    return sorted(found, key=lambda p: p.line)


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
    expected = item.get("ctx", {}).get("expected") or item.get("ctx", {}).get("expected_tags")
    if expected:
        shown = f"'{item['input']}'" if isinstance(item["input"], str) else "this"
        return (
            text(f"{shown} 不在允许之列", f"{shown} is not allowed"),
            text(f"请写 {expected}", f"write {expected}"),
        )
    said = item["msg"]
    hint = text("请按字段说明填写", "see the schema of this key")
    return text(f"格式不符：{said}", said), WRONG_KIND.get(item["type"], hint)
