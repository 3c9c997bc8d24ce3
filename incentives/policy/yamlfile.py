"""Reads a programme file: YAML in which every scalar is text, with the line of each part kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .text import Loc, Text, text


@dataclass(frozen=True)
class FileProblem:
    """`where` is the path inside the file, such as amount.0.rate; `line` counts from 1."""

    file: str
    line: int
    where: str
    problem: Text
    expected: Text

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {where}{self.problem.en}; {self.expected.en}"


class FileError(ValueError):
    """Everything wrong with one file or folder of programmes."""

    def __init__(self, problems: list[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Document:
    """A file's data, all scalars text, and the line of each part by its path."""

    file: str
    data: Any
    lines: Mapping[Loc, int]

    def problem(self, loc: Loc, problem: Text, expected: Text) -> FileProblem:
        place = self.place(loc)
        shown = [p for p in loc if not str(p).startswith("·")]
        missing = loc[-1:] if loc and place[-1:] != loc[-1:] and loc[-1] in shown else ()
        where = ".".join(map(str, (*place, *missing)))
        return FileProblem(self.file, self.lines.get(place, 1), where, problem, expected)

    def place(self, loc: Loc) -> Loc:
        """The path as far as the file has it; names of pydantic's own (union tags) drop out."""
        place: Loc = ()
        for part in loc:
            if (*place, part) in self.lines:
                place = (*place, part)
        return place


YAML_EXPECTED = text(
    "请检查缩进、冒号和引号；以 @ 开头或含“: ”的文字要加引号",
    "check indents, colons and quotes; quote text that begins with @ or holds ': '",
)


LARGEST = 50_000


class Reader:
    """Builds data from YAML nodes; anchors and `<<` may be used, keys may not be repeated."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Loc, int] = {(): 1}
        self.count = 0
        self.inside: set[int] = set()

    def refuse(self, node: yaml.Node, problem: Text, expected: Text) -> FileError:
        line = node.start_mark.line + 1
        return FileError([FileProblem(self.file, line, "", problem, expected)])

    def read(self, node: yaml.Node, loc: Loc) -> Any:
        self.count += 1
        if id(node) in self.inside or self.count > LARGEST:
            raise self.refuse(
                node,
                text("别名指向自身，或文件过大", "an alias holds itself, or the file is too large"),
                text("请把内容写全", "write the content out"),
            )
        self.lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return node.value
        self.inside.add(id(node))
        data = (
            self.mapping(node, loc)
            if isinstance(node, yaml.MappingNode)
            else [self.read(item, (*loc, i)) for i, item in enumerate(node.value)]
        )
        self.inside.remove(id(node))
        return data

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value
            if not isinstance(key, yaml.ScalarNode) or name in own:
                raise self.repeated(key)
            if name == "<<":
                merged |= self.merged(value, loc)
                continue
            self.lines[(*loc, name)] = key.start_mark.line + 1
            own[name] = self.read(value, (*loc, name))
        return merged | own

    def merged(self, node: yaml.Node, loc: Loc) -> dict[str, Any]:
        data = self.read(node, loc)
        if not isinstance(data, dict):
            raise self.refuse(
                node,
                text("<< 之后不是键值", "what follows << is no mapping"),
                text("请写 <<: *锚点", "write <<: *name of an anchored mapping"),
            )
        return data

    def repeated(self, key: yaml.Node) -> FileError:
        return self.refuse(
            key,
            text(f"键“{key.value}”重复或不是文字", f"key '{key.value}' is repeated or not a word"),
            text("每个键只写一次", "write each key once"),
        )


def read_yaml(path: Path) -> Document:
    """Read a YAML file as text scalars; raises FileError."""
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = text(f"文件无法读取：{error}", f"the file cannot be read: {error}")
        expected = text("请给出 UTF-8 编码的文件", "give a readable file in UTF-8")
        raise FileError([FileProblem(str(path), 1, "", reason, expected)]) from None
    return parse_yaml(written, str(path))


def parse_yaml(written: str, file: str) -> Document:
    """The same of a text; `file` is what its faults are called by."""
    try:
        node = _composed(written)
    except yaml.YAMLError as error:
        raise FileError([yaml_problem(file, error)]) from None
    reader = Reader(file)
    data = {} if node is None else reader.read(node, ())
    return Document(file, data, reader.lines)


def _composed(written: str) -> yaml.Node | None:
    """By libyaml, ten times as fast; what it refuses is read by PyYAML, which says better why."""
    try:
        return yaml.compose(written, Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, UnicodeEncodeError):
        return yaml.compose(written, Loader=yaml.BaseLoader)


def yaml_problem(file: str, error: yaml.YAMLError) -> FileProblem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    line = mark.line + 1 if mark else 1
    return FileProblem(
        file, line, "", text(f"不是合法的YAML：{said}", f"not YAML: {said}"), YAML_EXPECTED
    )
