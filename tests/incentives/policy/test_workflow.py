"""The workflow of a programme as data: presets, what is laid over them, and what is refused."""

import pytest
from pydantic import ValidationError

from incentives.policy import workflow
from incentives.policy.text import BadValue, text
from incentives.policy.workflow import Choice, begin, lay, read_choice, workflows


def test_every_preset_and_agreement_is_described_in_both_languages():
    known = workflows()
    assert list(known.presets) == ["standard", "competitive", "light", "filing", "audit_first"]
    assert {name: entry.stages for name, entry in known.presets.items()} == {
        "standard": ("acceptance", "opinion"),
        "competitive": ("acceptance", "opinion", "scoring"),
        "light": (),
        "filing": ("acceptance",),
        "audit_first": ("acceptance", "audit", "opinion"),
    }
    assert list(known.agreements) == ["all", "majority", "handling"]
    texts = [*known.presets.values(), *known.agreements.values()]
    assert all(one.name.zh != one.name.en and one.explanation.en for one in texts)


@pytest.mark.parametrize(
    ("case_type", "origin", "preset", "source"),
    [
        ("award", "applicant", "standard", "case_type"),
        ("award", "sweep", "light", "origin"),
        ("status_filing", "applicant", "filing", "case_type"),
        ("status_filing", "sweep", "light", "origin"),
    ],
)
def test_where_nobody_chose_origin_and_type_of_case_do(case_type, origin, preset, source):
    assert workflow.usual_preset(case_type, origin) == (preset, source)


def test_a_choice_without_a_preset_changes_only_what_it_names():
    base = lay(begin("standard", "case_type"), read_choice({"days": {"opinion": 7}}), "city")
    changed = lay(base, read_choice({"stages": {"audit": True}, "agreement": "majority"}), "file")
    assert (changed.preset, changed.chosen) == ("standard", "case_type")
    assert changed.stages == ("acceptance", "audit", "opinion")
    assert (changed.days, changed.agreement) == ({"opinion": 7}, "majority")


def test_a_choice_with_a_preset_starts_anew():
    base = lay(begin("standard", "case_type"), read_choice({"stages": {"audit": "true"}}), "city")
    changed = lay(base, Choice(preset="filing", stages={"acceptance": False}), "programme")
    assert (changed.preset, changed.chosen, changed.stages) == ("filing", "programme", ())
    assert (changed.usual, changed.days) == ({"determination": 5}, {})


def test_parts_come_from_the_first_that_names_one_and_then_from_the_duties():
    bureaus, parts = workflow.asked(
        ["sti", "drc", "miit", "sti", "unknown"],
        handling="miit",
        parts=[{"sti": text("甲", "a")}, {"sti": text("乙", "b"), "drc": text("丙", "c")}],
        shared_duty=True,
    )
    assert bureaus == ("sti", "drc", "unknown")
    assert {code: part.zh for code, part in parts.items()} == {
        "sti": "甲",
        "drc": "丙",
        "unknown": workflows().own_duties.zh,
    }


def test_without_shared_duty_a_bureau_is_asked_about_the_whole_case():
    assert workflow.asked(["finance"], handling="sti", parts=[], shared_duty=False) == (
        ("finance",),
        {},
    )


@pytest.mark.parametrize(
    ("raw", "problem", "expected"),
    [
        ({"preset": "x"}, "'preset' of the workflow is not usable", "'standard', 'competitive'"),
        ({"stages": {"x": "true"}}, "'stages.x' of the workflow is not usable", "'acceptance'"),
        ({"stages": {"audit": "x"}}, "stages.audit 'x' is neither true nor false", "write"),
        ({"days": {"opinion": "0"}}, "days opinion cannot be 0", "at least 1 working day"),
        ({"days": {"opinion": "1001"}}, "days.opinion '1001' is no usable", "from 1 to 1000"),
        ({"days": {"opinion": "1.5"}}, "days.opinion '1.5' is not a whole number", "such as 12"),
        ({"agreement": "most"}, "'agreement' of the workflow is not usable", "'majority'"),
        ({"colour": "red"}, "'colour' of the workflow is not usable", "preset, stages"),
        ({"parts": {"sti": "x"}}, "'parts.sti' of the workflow is not usable", "{zh: …, en: …}"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(raw, problem, expected):
    with pytest.raises(BadValue) as refused:
        read_choice(raw)
    assert refused.value.problem.en.startswith(problem)
    assert expected in refused.value.expected.en


def test_publicity_alone_may_last_no_day():
    assert read_choice({"days": {"publicity": "0"}}).days == {"publicity": 0}


def test_a_choice_is_frozen():
    with pytest.raises(ValidationError):
        begin("light", "file").preset = "standard"
