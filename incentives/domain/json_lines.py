"""One JSON object a line, read strictly: every fault by its field, with what to write instead."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from incentives.policy.text import InputError, Problem, text

Item = TypeVar("Item")


def read_object(line: str) -> dict[str, Any]:
    """Raises InputError; numbers stay text."""
    try:
        # Numbers stay text: money written as 0.1 must not become a float on its way.
        case = json.loads(line, parse_float=str, parse_int=str)
        json.dumps(case, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise fault(
            "",
            "不是UTF-8文字",
            "not UTF-8 text",
            "每行一个UTF-8对象",
            "one object a line, in UTF-8",
        ) from error
    except RecursionError as error:
        raise fault(
            "", "嵌套过深", "nested too deeply", "每行一个对象", "one object a line"
        ) from error
    except json.JSONDecodeError as error:
        raise fault(
            "", f"不是JSON：{error}", f"not JSON: {error}", "每行一个对象", "one object a line"
        ) from error
    if not isinstance(case, dict):
        raise fault("", "不是对象", "not an object", "{…}", "{…}")
    return case


def require_keys(case: Mapping[str, Any], known: Collection[str]) -> None:
    for key in case.keys() - set(known):
        raise fault(key, "不认识的键", "an unknown key", *[", ".join(sorted(known))] * 2)


def require_objects(case: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if not isinstance(case.get(key, {}), dict):
            raise fault(key, "不是对象", "not an object", '{"键": "值"}', '{"key": "value"}')


def named(code: object, known: Mapping[str, Item], field: str = "programme") -> Item:
    """The programme of a code."""
    found = known.get(str(code))
    if found is None:
        listed = ", ".join(known)
        raise fault(field, "没有此政策事项", "no such programme", listed, listed)
    return found


def day(written: object, field: str = "on") -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        raise fault(
            field, "不是日期", "is no date", "写作 2026-01-31", "write it as 2026-01-31"
        ) from error


def fault(field: str, zh: str, en: str, expected_zh: str, expected_en: str) -> InputError:
    return InputError([Problem(field, text(zh, en), text(expected_zh, expected_en))])
