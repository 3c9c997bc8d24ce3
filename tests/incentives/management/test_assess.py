"""`manage.py assess`, through the door that a shell uses: its arguments and its standard input."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from incentives.management.commands.assess import Command

TRAINING = {
    "programme": "skills-training-subsidy",
    "on": "2021-06-01",
    "facts": {
        "occupation": "焊工",
        "occupation_number": 1,
        "class_number": "PX-2021-001",
        "training_completed": True,
        "completion_date": "2021-03-31",
        "trainees": [{"name": "学员甲", "id_number": "ID-A", "certificate_number": "C-001"}],
    },
}
RATES = "skills-training-subsidy: {rates: [{from: 1, to: 2, amount: 3000}, {from: 2, amount: 600}]}"


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(given: bytes, *arguments: str) -> list[dict[str, Any]]:
        stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
        monkeypatch.setattr("sys.stdin", stdin)
        Command().run_from_argv(["manage.py", "assess", *arguments])
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return asked


def test_an_unprinted_table_is_asked_for_and_then_given(ask: Any, tmp_path: Path) -> None:
    line = json.dumps(TRAINING).encode()
    (tmp_path / "settings.yaml").write_text(RATES, encoding="utf-8")
    unset, given = ask(line), ask(line, "--with", str(tmp_path / "settings.yaml"))
    assert [(r["decision"], r["amount"]) for r in (*unset, *given)] == [
        ("needs_setting", None),
        ("eligible", "3000.00"),
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "the file cannot be read"),
        ("rates: 1", "write {programme: {name: value}}"),
        ("nope: {rates: 1}", "no such programme: nope"),
    ],
)
def test_a_wrong_settings_file_is_told(
    ask: Any, capsys: Any, tmp_path: Path, written: str | None, told: str
) -> None:
    path = tmp_path / "settings.yaml"
    if written:
        path.write_text(written, encoding="utf-8")
    with pytest.raises(SystemExit, match="1"):
        ask(b"", "--with", str(path))
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        b"{bad json",
        b"[]",
        b"[" * 100_000,
        b'{"programme": "\xff"}',
        b'{"programme": "\\ud800"}',
        b'{"programme": "tech-sme-rd-reward", "on": "2026-05-20", "facts": {"\\ud800": "\\ud800"}}',
        b'{"programme": "tech-sme-rd-reward", "on": "2026-05-20", "facts": {"rd_expenses": NaN}}',
        b'{"programme": "tech-sme-rd-reward", "on": 1, "facts": {}}',
    ],
)
def test_a_wrong_line_is_answered_and_the_next_one_too(ask: Any, capsys: Any, line: bytes) -> None:
    with pytest.raises(SystemExit, match="1"):
        ask(line + b"\n" + json.dumps(TRAINING).encode())
    wrong, right = map(json.loads, capsys.readouterr().out.splitlines())
    assert sorted(wrong["error"]) == ["expected", "field", "problem"]
    assert right["decision"] == "needs_setting"
