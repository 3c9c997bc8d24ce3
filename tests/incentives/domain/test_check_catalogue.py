"""What `manage.py check_catalogue` finds, each fault at its file and line."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from incentives.domain.catalogue import FOLDER
from incentives.domain.check_catalogue import check_catalogue
from incentives.management.commands import check_catalogue as command

CENTRE = "enterprise-tech-centre-award"
PAIR = (CENTRE, "ne-national-enterprise-tech-centre-award")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The catalogue with two of its programmes."""
    for file in [*FOLDER.glob("*.yaml"), *FOLDER.glob("sources/*.txt")]:
        target = tmp_path / file.relative_to(FOLDER)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(file, target)
    (tmp_path / "qingdao").mkdir()
    for code in PAIR:
        shutil.copy(FOLDER / "qingdao" / f"{code}.yaml", tmp_path / "qingdao")
    return tmp_path


def spoil(folder: Path, old: str, new: str, code: str = CENTRE) -> None:
    file = folder / "qingdao" / f"{code}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_two_sound_programmes(folder: Path) -> None:
    found = check_catalogue(folder)
    assert (found.programmes, found.quotes, found.faults) == (2, 2, [])
    assert found.examples > 10


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("verb: ", "verbs: ", "verb"),
        ("national: 5000000", "national: 5000001", "examples"),
        ("quote: ", "quote: 从未印过。", "source.quote"),
        ("handling: drc", "handling: nobody", "bureaus.handling"),
        ("instance: [centre_name]", "instance: [centre_name, level]", "same_event.0.instance"),
    ],
)
def test_a_fault_is_told_with_file_and_line(folder: Path, old: str, new: str, where: str) -> None:
    spoil(folder, old, new)
    faults = check_catalogue(folder).faults
    assert [fault for fault in faults if fault.where.startswith(where)] != []
    for fault in faults:
        assert Path(fault.file).is_relative_to(folder)
        assert fault.line > 0


def test_the_command_ends_with_1_on_a_fault(
    folder: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder, "verb: ", "verbs: ")
    monkeypatch.setattr(command, "check_catalogue", lambda: check_catalogue(folder))
    with pytest.raises(SystemExit, match="1"):
        command.Command().run_from_argv(["manage.py", "check_catalogue"])
    *faults, summary = capsys.readouterr().out.splitlines()
    assert all(f"{CENTRE}.yaml:" in fault for fault in faults)
    assert summary.startswith("programmes: 2, ")
    assert summary.endswith(f"faults: {len(faults)}")


def test_the_command_sums_up_what_is_sound(
    folder: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "check_catalogue", lambda: check_catalogue(folder))
    command.Command().run_from_argv(["manage.py", "check_catalogue"])
    assert capsys.readouterr().out.splitlines()[-1].endswith("faults: 0")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("  finance:\n", "  nobody:\n", "duties.nobody"),
        ("  status_filing:", "  no_such_type:", "case_types.no_such_type"),
        (
            "stages: [acceptance, audit, opinion]",
            "stages: [audition]",
            "presets.audit_first.stages.0",
        ),
        ("days: {determination: 5}", "days: {determination: 0}", "presets.light.days"),
        ("  audit_first:\n", "  unheard_of:\n", "presets.unheard_of.[key]"),
    ],
)
def test_workflows_are_read_and_name_what_exists(
    folder: Path, old: str, new: str, where: str
) -> None:
    file = folder / "workflows.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = check_catalogue(folder).faults
    assert [fault.where for fault in found] == [where]


def test_a_part_is_for_a_bureau_that_is_asked(folder: Path) -> None:
    spoil(folder, "  shared_duty: ", "  parts: {tax: {zh: 税, en: Tax}}\n  shared_duty: ")
    (fault,) = check_catalogue(folder).faults
    assert (fault.where, fault.problem.en) == ("bureaus.parts.tax", "'tax' gives no opinion")
