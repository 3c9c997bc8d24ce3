"""Assess cases given as JSON, one a line: anyone can check a rule, without a database."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from incentives.policy.assessment import assess
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import render, render_error
from incentives.policy.text import InputError, Problem, text

KEYS = {"programme", "on", "facts", "choices"}


def assess_lines(
    lines: Iterable[str], *, programmes: Mapping[str, Rules], settings: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """One result for each line that is not blank: an assessment, or the first error of the line."""
    for line in lines:
        if line.strip():
            try:
                yield _assessed(_read(line), programmes, settings)
            except InputError as error:
                yield render_error(error)


def _read(line: str) -> dict[str, Any]:
    try:
        # Numbers stay text: money written as 0.1 must not become a float on its way.
        case = json.loads(line, parse_float=str, parse_int=str)
        json.dumps(case, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise _fault(
            "",
            "不是UTF-8文字",
            "not UTF-8 text",
            "每行一个UTF-8对象",
            "one object a line, in UTF-8",
        ) from error
    except RecursionError as error:
        raise _fault(
            "", "嵌套过深", "nested too deeply", "每行一个对象", "one object a line"
        ) from error
    except json.JSONDecodeError as error:
        raise _fault(
            "", f"不是JSON：{error}", f"not JSON: {error}", "每行一个对象", "one object a line"
        ) from error
    if not isinstance(case, dict):
        raise _fault("", "不是对象", "not an object", "{…}", "{…}")
    for key in case.keys() - KEYS:
        raise _fault(key, "不认识的键", "an unknown key", *[", ".join(sorted(KEYS))] * 2)
    for key in ("facts", "choices"):
        if not isinstance(case.get(key, {}), dict):
            raise _fault(key, "不是对象", "not an object", '{"键": "值"}', '{"key": "value"}')
    return case


def _assessed(
    case: dict[str, Any], programmes: Mapping[str, Rules], settings: Mapping[str, Any]
) -> dict[str, Any]:
    code = str(case.get("programme"))
    if code not in programmes:
        known = ", ".join(programmes)
        raise _fault("programme", "没有此政策事项", "no such programme", known, known)
    return render(
        assess(
            programmes[code],
            on=_day(case.get("on")),
            facts=case.get("facts", {}),
            choices=case.get("choices", {}),
            settings=settings.get(code, {}),
        )
    )


def _day(written: object) -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        raise _fault(
            "on", "不是日期", "is no date", "写作 2026-01-31", "write it as 2026-01-31"
        ) from error


def _fault(field: str, zh: str, en: str, expected_zh: str, expected_en: str) -> InputError:
    return InputError([Problem(field, text(zh, en), text(expected_zh, expected_en))])
