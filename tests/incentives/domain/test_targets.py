"""The targets: loaded as printed, entered by their bureau, and held against number and path."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import NotAllowed
from applicants.models import Event
from incentives.domain import catalogue, targets
from incentives.domain.targets import State, progress
from incentives.domain.targets_loading import read_targets
from incentives.models import Bureau, RegisterEntry, Target, TargetActual
from incentives.policy.yamlfile import FileError, read_yaml
from reviews.domain import targeting
from reviews.models.staff import Role
from tests.factories import make_organisation, make_staff, make_user

TODAY = date(2024, 6, 1)
FILE = catalogue.FOLDER / "targets.yaml"
D = Decimal


def target(code: str) -> Target:
    return Target.objects.get(code=code)


def entered(code: str, *values: tuple[int, str]) -> Target:
    row = target(code)
    for year, value in values:
        TargetActual.objects.create(
            target=row,
            year=year,
            value=D(value),
            as_of=date(year, 12, 31),
            source="统计公报",
            entered_by=make_user(),
        )
    return row


def test_every_target_is_loaded_with_its_printed_numbers(db: None) -> None:
    assert Target.objects.count() == 82
    row = target("qd-sti-hitech-firms")
    assert (row.baseline, row.baseline_year, row.operator, row.value, row.year, row.attribute) == (
        D(4396),
        2020,
        "=",
        D(8000),
        2025,
        "预期性",
    )
    assert row.bureau is None
    ranged = target("dl-recycling-leaders")
    assert (ranged.operator, ranged.value, ranged.value_to) == ("–", D(2), D(3))


def test_every_sentence_stands_in_its_document() -> None:
    missing = []
    for entry in read_yaml(FILE).data:
        source = catalogue.FOLDER / "sources" / f"{entry['document']}.txt"
        printed = "".join(source.read_text(encoding="utf-8").split())
        if "".join(entry["quote"].split()) not in printed:
            missing.append(entry["code"])
    assert missing == []


def test_loading_again_changes_nothing_and_keeps_the_bureau(db: None) -> None:
    row = target("qd-ni-unicorns")
    row.bureau = Bureau.objects.get(city="qingdao", code="sti")
    row.save()
    before = list(Target.objects.order_by("id").values())
    catalogue.load_catalogue()
    assert list(Target.objects.order_by("id").values()) == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"document": "dl-emerging-industries"}, "the city has no such document"),
        ({"operator": None}, "a target's value and operator belong together"),
        ({"operator": "–"}, "a range needs both its ends"),
        ({"value": "many"}, "'many' is not a number"),
        ({"year": "soon"}, "'soon' is not a year"),
        ({"counts": {"entries": ["nothing"]}}, "the city has no programme 'nothing'"),
        ({"counts": {"awards": ["known"]}}, "awards cannot be told in this unit"),
        ({"colour": "red"}, "'colour' is not known here"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    entry = {
        "code": "x-one",
        "city": "qingdao",
        "document": "qd-sti-plan",
        "section": "一",
        "quote": "达到10家",
        "name": {"zh": "某", "en": "some"},
        "unit": "家",
        "operator": "=",
        "value": "10",
    } | change
    file = tmp_path / "targets.yaml"
    kept = {key: value for key, value in entry.items() if value is not None}
    file.write_text(json.dumps([kept], ensure_ascii=False), encoding="utf-8")
    documents = {"qd-sti-plan": "qingdao", "dl-emerging-industries": "dalian"}
    with pytest.raises(FileError) as refused:
        read_targets(file, documents=documents, programmes={"qingdao": {"known"}})
    assert [p.problem.en for p in refused.value.problems] == [problem]
    assert refused.value.problems[0].line == 1


@pytest.mark.parametrize(
    ("code", "values", "state", "share", "planned"),
    [
        ("qd-sti-hitech-firms", [], State.NO_VALUE, None, None),
        # (2023 − 2020) / 5 of the way from 4396 to 8000 is 6558.4
        ("qd-sti-hitech-firms", [(2023, "6559")], State.ON_PLAN, "2163/3604", "6558.4"),
        ("qd-sti-hitech-firms", [(2023, "6558")], State.BEHIND, "2162/3604", "6558.4"),
        ("qd-sti-hitech-firms", [(2023, "8000")], State.REACHED, "1/1", "6558.4"),
        ("qd-sti-hitech-firms", [(2025, "7999")], State.MISSED, "3603/3604", "8000"),
        # The value of a later year does not mend it; a newer entry of the year does.
        (
            "qd-sti-hitech-firms",
            [(2025, "7999"), (2026, "9000")],
            State.MISSED,
            "3603/3604",
            "8000",
        ),
        ("qd-sti-hitech-firms", [(2025, "7999"), (2025, "8000")], State.REACHED, "1/1", "8000"),
        # No baseline: only against the target, and above 10,000 is not 10,000.
        ("qd-sti-tech-smes", [(2024, "10000")], State.UNDER_WAY, "1/1", None),
        ("qd-sti-tech-smes", [(2025, "10000")], State.MISSED, "1/1", None),
        ("qd-sti-tech-smes", [(2024, "10001")], State.REACHED, "10001/10000", None),
        ("dl-sei-gdp-share", [(2020, "15")], State.REACHED, "1/1", None),
        ("qd-ni-300-500", [(2022, "5")], State.REACHED, "1/1", None),
        ("dl-recycling-leaders", [(2020, "2")], State.REACHED, "1/1", None),
        ("dl-recycling-leaders", [(2020, "1")], State.MISSED, "1/2", None),
        ("qd-mfg-water", [(2023, "9")], State.IN_WORDS, None, None),
        ("qd-mfg-five-clusters", [], State.IN_WORDS, None, None),
        # A target without a year cannot be missed.
        ("dl-flow-battery", [(2022, "10")], State.UNDER_WAY, "1/2", None),
    ],
)
def test_progress(
    db: None,
    code: str,
    values: list[tuple[int, str]],
    state: State,
    share: str | None,
    planned: str | None,
) -> None:
    found = progress(entered(code, *values), today=TODAY)
    part = None
    if share is not None:
        above, below = share.split("/")
        part = D(above) / D(below)
    assert (found.state, found.share) == (state, part)
    assert found.planned == (None if planned is None else D(planned))


def test_where_less_is_better(db: None) -> None:
    row = entered("qd-mfg-productivity", (2023, "25"))
    row.value = D(20)  # from 30.8 in 2020 down to 20 in 2025: 24.32 in 2023
    assert progress(row, today=TODAY).state == State.BEHIND
    row.value = D("18")
    row.year = 2030
    assert progress(row, today=TODAY).state == State.ON_PLAN
    row.value, row.operator = D(25), "≤"
    assert progress(row, today=TODAY).state == State.REACHED


def test_a_counted_target_counts_the_entries_that_stand(db: None) -> None:
    row = target("qd-sti-incubators")
    sti, owner = Bureau.objects.get(city="qingdao", code="sti"), make_user()

    def entry(number: str, level: str, **more: object) -> RegisterEntry:
        told = {
            "city_id": "qingdao",
            "kind": "title",
            "title": "benchmark-incubator",
            "label_zh": "标杆孵化器",
            "label_en": "benchmark incubator",
            "party": make_organisation(owner),
            "bureau": sti,
            "starts_on": date(2024, 1, 1),
            "entered_by": owner,
        }
        return RegisterEntry.objects.create(number=number, level=level, **(told | more))

    entry("1", "benchmark")
    entry("2", "benchmark", ends_on=TODAY)
    entry("3", "specialised")
    entry("4", "benchmark", ends_on=date(2024, 5, 31))
    entry("5", "benchmark", starts_on=date(2024, 6, 2))
    entry("6", "benchmark", city_id="dalian")
    entry("7", "benchmark", title="another")
    found = progress(row, today=TODAY)
    assert [(p.year, p.value, p.source) for p in found.points] == [(2024, D(2), "")]
    assert (found.share, found.state) == (D("0.2"), State.UNDER_WAY)


def test_only_a_preparer_of_the_bureau_enters_values(db: None) -> None:
    row, editor = target("qd-ni-unicorns"), make_staff(Role.POLICY_EDITOR)
    sti = Bureau.objects.get(city="qingdao", code="sti")
    told = {"year": 2022, "value": D(3), "as_of": date(2022, 12, 31), "source": "统计公报"}
    preparer = make_staff(Role.PREPARER, "sti")
    with pytest.raises(NotAllowed):
        targeting.enter_actual(target=row, user=preparer, **told)  # no bureau is set yet
    with pytest.raises(NotAllowed):
        targeting.set_bureau(target=row, bureau=sti, user=preparer)
    targeting.set_bureau(target=row, bureau=sti, user=editor)
    for other in (
        make_staff(Role.APPROVER, "sti"),
        make_staff(Role.PREPARER, "miit"),
        editor,
    ):
        with pytest.raises(NotAllowed):
            targeting.enter_actual(target=row, user=other, **told)
    entry = targeting.enter_actual(target=row, user=preparer, **told)
    assert (entry.value, entry.entered_by) == (D(3), preparer)
    kinds = Event.objects.filter(subject="target:qd-ni-unicorns").values_list("kind", flat=True)
    assert list(kinds) == ["target.bureau_set", "target.value_entered"]


def test_a_bureau_of_another_city_is_refused(db: None) -> None:
    stranger = Bureau.objects.get(city="dalian", code="sti")
    editor = make_staff(Role.POLICY_EDITOR)
    with pytest.raises(ValidationError) as refused:
        targeting.set_bureau(target=target("qd-ni-unicorns"), bureau=stranger, user=editor)
    assert set(refused.value.message_dict) == {"bureau"}


def test_wrong_values_name_their_fields(db: None) -> None:
    row = target("qd-sti-incubators")
    row.bureau = Bureau.objects.get(city="qingdao", code="sti")
    row.save()
    today = timezone.localdate()
    with pytest.raises(ValidationError) as refused:
        targeting.enter_actual(
            target=row,
            year=today.year,
            value=D("1.23456"),
            as_of=date(today.year + 1, 1, 1),
            source=" ",
            user=make_staff(Role.PREPARER, "sti"),
        )
    assert set(refused.value.message_dict) == {"year", "value", "as_of", "source"}


def test_an_entered_value_is_never_changed(db: None) -> None:
    row = entered("qd-ni-unicorns", (2022, "3")).actuals.get()
    for change in (lambda: TargetActual.objects.update(value=5), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_list_is_narrowed(db: None) -> None:
    entered("qd-ni-unicorns", (2022, "5"))

    def codes(**wanted: str) -> list[str]:
        found = targets.listed(targets.Wanted(**wanted), today=TODAY)
        return [one.target.code for one in found]

    assert len(codes()) == 82
    assert len(codes(city="dalian")) == 10
    assert codes(state="reached") == ["qd-ni-unicorns"]
    assert codes(words="new unicorns", document="qd-new-industries") == ["qd-ni-unicorns"]
    assert codes(words="unicorns nothing") == []
    assert len(codes(state="in_words")) == 6
