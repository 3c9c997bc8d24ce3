"""`manage.py simulate`, through the door that a shell uses."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from incentives.management.commands.simulate import Command

LINE = {
    "programme": "enterprise-tech-centre-award",
    "on": "2026-06-01",
    "applicant": "A",
    "facts": {
        "centre_name": "甲公司技术中心",
        "level": "national",
        "recognised": True,
        "approval_date": "2026-03-01",
    },
}


def run(monkeypatch: Any, capsys: Any, given: bytes, *arguments: str) -> list[dict[str, Any]]:
    stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", stdin)
    Command().run_from_argv(["manage.py", "simulate", *arguments])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lines_are_answered_in_order_and_summed(monkeypatch: Any, capsys: Any) -> None:
    line, summary = run(monkeypatch, capsys, json.dumps(LINE).encode(), "--summary")
    assert line["granted"] == summary["total"]["granted"] == "5000000.00"


def test_settings_come_from_a_file(monkeypatch: Any, capsys: Any, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(
        "enterprise-tech-centre-award: {both_levels_together: 5000000}", encoding="utf-8"
    )
    lower = LINE | {"facts": LINE["facts"] | {"level": "provincial"}}
    given = "\n".join(map(json.dumps, (lower, LINE))).encode()
    answers = run(monkeypatch, capsys, given, "--with", str(path))
    assert [one["granted"] for one in answers] == ["500000.00", "4500000.00"]


def test_a_wrong_line_ends_with_1_and_the_others_are_answered(
    monkeypatch: Any, capsys: Any
) -> None:
    given = b'{"programme": "\xff"}\n' + json.dumps(LINE).encode()
    with pytest.raises(SystemExit, match="1"):
        run(monkeypatch, capsys, given)
    wrong, right = map(json.loads, capsys.readouterr().out.splitlines())
    assert sorted(wrong["error"]) == ["expected", "field", "problem"]
    assert right["granted"] == "5000000.00"


def test_a_made_up_year_is_played_without_a_fault(monkeypatch: Any, capsys: Any) -> None:
    lines = run(monkeypatch, capsys, b"", "--generate", "60", "--seed", "7")
    given = "\n".join(map(json.dumps, lines)).encode()
    answers = run(monkeypatch, capsys, given, "--summary")
    assert answers[-1]["total"]["count"] == 60
