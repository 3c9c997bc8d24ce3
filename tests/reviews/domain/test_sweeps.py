"""A sweep finds exactly whom the interpreter finds, in any slices, and however often it dies."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import District, Party, ProfileFact, User
from incentives.domain import registry
from incentives.domain.programmes import rules_of, settings_of
from incentives.models import Programme, RegistryRecord
from incentives.models.registry import ImportKind
from incentives.policy.assessment import assess
from reviews.domain import sweeps, sweeps_running
from reviews.domain.sweeps_finding import FOUND, Finder, facts_of, keys_of
from reviews.models import Sweep, SweepRow
from reviews.models.staff import Role
from tests.factories import Cast, make_staff, make_user, programme, submitted
from tests.registry_lists import (
    PROGRAMME,
    RECOGNISED,
    Office,
    csv_file,
    party,
    recognised,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 31)
EXPENSES = ("0", "1", "999999.99", "2000000", "34567890.01", "12,345", "x", "", "2000000.004")


@pytest.fixture
def editor(db: None) -> User:
    return make_staff(Role.POLICY_EDITOR)


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def start(editor: User, code: str = PROGRAMME) -> Sweep:
    return sweeps.start_sweep(programme=programme(code), on=DAY, user=editor)


def swept(editor: User, code: str = PROGRAMME, size: int = 7) -> Sweep:
    sweep = start(editor, code)
    assert sweeps_running.run_sweeps(size=size) == 1
    sweep.refresh_from_db()
    return sweep


def rows_of(sweep: Sweep) -> list[tuple[Any, ...]]:
    rows = SweepRow.objects.filter(sweep=sweep).order_by("party_id")
    return list(rows.values_list("party", "decision", "minimum", "maximum", "standing"))


def populate(facts: list[Mapping[str, str]], kind: str = "enterprise") -> list[Party]:
    """Organisations with facts as the registry may hold them, canonical or not."""
    district, user = District.objects.get(city="qingdao", code="laoshan"), make_user()
    parties = Party.objects.bulk_create(
        Party(kind=kind, name=f"单位{n}", uscc=f"T{n:017d}", district=district)
        for n in range(len(facts))
    )
    ProfileFact.objects.bulk_create(
        ProfileFact(party=party, key=key, value=value, source="imported", as_of=DAY,
                    recorded_by=user)
        for party, values in zip(parties, facts, strict=True)
        for key, value in values.items()
    )  # fmt: skip
    return parties


def expected(sweep: Sweep) -> list[tuple[Any, ...]]:
    """By the interpreter alone, from the records as Python reads them."""
    rules = rules_of(sweep.version)
    found = []
    for record in RegistryRecord.objects.filter(
        city=sweep.city, kind__in=rules.roles.applicant
    ).order_by("party_id"):
        told = {key: value if isinstance(value, str) else json.dumps(value)
                for key, value in record.facts.items()}  # fmt: skip
        told |= {"applicant_kind": record.kind, "recognitions": json.dumps(record.recognitions)}
        result = assess(rules, DAY, facts_of(rules, told), {}, sweep.readings)
        if result.decision in FOUND:
            found.append((record.party_id, result.decision, result.minimum, result.maximum, "free"))
    return found


def test_row_by_row_as_the_interpreter_finds(office: Office, editor: User) -> None:
    prefix = f"{PROGRAMME}."
    populate(
        [
            {
                prefix + "certificate_number": f"GR{number}",
                prefix + "recognition_history": history,
                prefix + "recognition_year": "2025",
                prefix + "rd_expenses": expenses,
            }
            for number, (history, expenses) in enumerate(
                (history, expenses)
                for history in ("none", "expired", "首次", "held")
                for expenses in EXPENSES
            )
        ]
    )
    sweep = swept(editor)
    assert rows_of(sweep) == expected(sweep)
    assert sweep.found == len(rows_of(sweep)) > 4
    assert sweep.checked == sweep.total == sum(sweep.counts.values()) == 36
    assert sweep.amount == sum(row[3] for row in rows_of(sweep))


def values_for(fact: Any, serial: int) -> str:
    options = {
        "money": ["0", "1000000", "8000000.55", "¥1,000", "1e6"],
        "integer": ["0", "3", "12", "1,200"],
        "year": ["2024", "2025年"],
        "percent": ["0.05", "5%", "150%", "0.1234567"],
        "date": ["2025-06-01", "2025/6/1", "2025-02-30"],
        "boolean": ["true", "false", "是"],
        "text": ["文字", "plain"],
        "identifier": ["ab 12", "X-1"],
        "choice": [*getattr(fact, "of", {}), "nothing"],
    }.get(fact.type, [""])
    return options[serial % len(options)]


@pytest.mark.parametrize("start_at", range(6))
def test_every_programme_as_the_interpreter_finds(db: None, editor: User, start_at: int) -> None:
    """Facts of every type, written in every way, for one programme in six."""
    for found in list(Programme.objects.filter(city="qingdao").order_by("code"))[start_at::6]:
        rules = rules_of(found.version_on(DAY))
        names = {key: fact for key, fact in rules.facts.items() if fact.type != "roster"}
        example = {k: str(v) for k, v in rules.examples[0].facts.items() if k in names}
        facts = [
            {
                (key if fact.profile else f"{rules.code}.{key}"): (
                    example[key]
                    if key in example and (serial + place) % 4
                    else values_for(fact, serial + place)
                )
                for place, (key, fact) in enumerate(names.items())
            }
            for serial in range(12)
        ]
        Party.objects.filter(uscc__startswith="T0").update(district=None)
        number = Party.objects.count()
        district, user = District.objects.get(city="qingdao", code="laoshan"), editor
        parties = Party.objects.bulk_create(
            Party(kind=rules.roles.applicant[0], name=f"单位{n}", district=district,
                  uscc=f"T{number + n:017d}")
            for n in range(len(facts))
            if rules.roles.applicant[0] != "person"
        )  # fmt: skip
        ProfileFact.objects.bulk_create(
            ProfileFact(party=one, key=key, value=value, source="imported", as_of=DAY,
                        recorded_by=user)
            for one, values in zip(parties, facts, strict=False)
            for key, value in values.items()
        )  # fmt: skip
        sweep = swept(editor, rules.code)
        assert sweep.state == "done", sweep.failure
        assert rows_of(sweep) == expected(sweep), rules.code


def test_others_kinds_and_cities_never_appear(office: Office, editor: User) -> None:
    rows = recognised(2)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    Party.objects.filter(uscc=rows[0][0]).update(kind="university")
    there = District.objects.filter(city="dalian").first()
    Party.objects.filter(uscc=rows[1][0]).update(district=there)
    sweep = swept(editor)
    assert (sweep.found, sweep.checked, sweep.counts) == (0, 0, {})
    assert not RegistryRecord.objects.filter(party__uscc=rows[1][0]).exists()


def test_whoever_has_a_case_is_marked(office: Office, editor: User) -> None:
    rows = recognised(3)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    cast = Cast(PROGRAMME)
    cast.party = party(rows[1])
    cast.party.membership_set.create(user=cast.clerk, role="owner")
    from tests.factories import add_account

    add_account(cast.party, cast.clerk)
    submitted(cast)
    assert [row[4] for row in rows_of(swept(editor))] == ["free", "has_case", "free"]


def test_a_used_up_limit_is_marked(office: Office, editor: User, owner_url: str) -> None:
    rows = recognised(3)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    from tests.incentives.factories import cap, make_award

    key = f"cap:{PROGRAMME}:first_time:applicant={party(rows[0]).pk}"
    make_award("1000", caps=[cap(key, "1", unit="awards")])
    event = f"event:hitech-recognition:{rows[2][4]}"
    sweep = start(editor)
    asked = Finder(sweep)
    assert key in _keys(asked, party(rows[0]))
    event = next(k for k in _keys(asked, party(rows[2])) if k.startswith("event:hitech"))
    make_award("1000", caps=[cap(event, "1", kind="event", unit="awards")])
    sweeps_running.run_sweeps()
    assert [row[4] for row in rows_of(sweep)] == ["exhausted", "free", "received"]


def _keys(finder: Finder, of: Party) -> list[str]:
    from reviews.domain.sweeps_standing import _requests_of

    record = RegistryRecord.objects.get(party=of)
    told = (record.kind, record.facts, record.recognitions)
    found = _requests_of(finder.rules, of.pk, told, Decimal(1000), finder.sweep, 2026)
    return [request.key for request in found]


class Killed(BaseException):
    """As a worker ends that is killed: nothing of ours runs after it."""


def test_a_killed_worker_leaves_no_trace(
    office: Office, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.bring_and_take(csv_file(RECOGNISED, recognised(50)))
    whole = swept(editor, size=1000)
    sweep = start(editor)
    writing, written = sweeps_running.write_found, 0

    def dying(*args: Any) -> None:
        nonlocal written
        writing(*args)
        written += 1
        if written % 3 == 0:
            raise Killed

    monkeypatch.setattr(sweeps_running, "write_found", dying)
    for _ in range(20):
        now = timezone.now() + timedelta(hours=1)
        claimed = sweeps_running.claim(now=now)
        if claimed is None:
            break
        try:
            sweeps_running.run(claimed, size=7)
        except Killed:
            sweep.refresh_from_db()
            assert (sweep.state, sweep.checked % 7) == ("running", 0)
            assert SweepRow.objects.filter(sweep=sweep).count() == sweep.found
        Sweep.objects.filter(pk=sweep.pk, state="running").update(
            beat_at=timezone.now() - timedelta(hours=2)
        )
    sweep.refresh_from_db()
    assert written > 8
    assert rows_of(sweep) == rows_of(whole)
    for name in ("found", "checked", "total", "counts", "amount", "state", "reached"):
        assert getattr(sweep, name) == getattr(whole, name), name


def test_two_workers_cannot_run_the_same_sweep(office: Office, editor: User) -> None:
    office.bring_and_take(csv_file(RECOGNISED, recognised(20)))
    sweep = start(editor)
    first = sweeps_running.claim()
    assert first is not None
    assert sweeps_running.claim() is None
    finder = Finder(first)
    assert sweeps_running.step(first, finder, size=5)
    Sweep.objects.filter(pk=sweep.pk).update(beat_at=timezone.now() - timedelta(hours=1))
    second = sweeps_running.claim()
    assert second is not None
    assert sweeps_running.run(first, size=5) is False  # taken over: writes nothing
    assert SweepRow.objects.filter(sweep=sweep).count() == 5
    assert sweeps_running.run(second, size=5) is True
    assert SweepRow.objects.filter(sweep=sweep).count() == 20


def test_a_failure_is_told(office: Office, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    office.bring_and_take(csv_file(RECOGNISED, recognised(2)))
    sweep = start(editor)
    monkeypatch.setattr(Finder, "find", lambda *_a, **_k: 1 / 0)
    sweeps_running.run_sweeps()
    sweep.refresh_from_db()
    assert (sweep.state, sweep.failure) == ("failed", "ZeroDivisionError: division by zero")


def test_who_may_start(office: Office) -> None:
    found = programme(PROGRAMME)
    for stranger in (make_staff(Role.PREPARER, "miit"), make_staff(Role.AUDITOR), make_user(),
                     make_staff(Role.POLICY_EDITOR, city="dalian")):  # fmt: skip
        with pytest.raises(NotAllowed):
            sweeps.start_sweep(programme=found, on=DAY, user=stranger)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(Refused):
        sweeps.start_sweep(programme=found, on=tomorrow, user=office.preparer)
    assert sweeps.start_sweep(programme=found, on=DAY, user=office.preparer).state == "waiting"


def sources_of(one: Party) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    facts = {}
    for fact in ProfileFact.objects.filter(party=one).order_by("id"):
        facts[fact.key] = fact.value
    entries = [
        {
            "title": entry.title,
            "level": entry.level or None,
            "from": entry.starts_on.isoformat(),
            "until": entry.ends_on.isoformat() if entry.ends_on else None,
        }
        for entry in one.register_entries.order_by("id")
    ]
    return {key: value for key, value in facts.items() if value not in ("", None)}, entries


def test_a_record_never_disagrees_with_its_sources(office: Office, editor: User) -> None:
    rows = recognised(3)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    titles = ("统一社会信用代码", "称号代码", "认定日期")
    upload = csv_file(titles, [(rows[0][0], "a-title", "2024-01-01")])
    office.bring_and_take(upload, ImportKind.RECOGNITIONS)
    cleared = party(rows[1])
    for value in ("5", ""):
        ProfileFact.objects.create(
            party=cleared, key=f"{PROGRAMME}.rd_expenses", value=value, source="declared",
            as_of=DAY, recorded_by=editor,
        )  # fmt: skip
    swept(editor)
    for row in rows:
        record = RegistryRecord.objects.get(party=party(row))
        assert (record.facts, record.recognitions) == sources_of(party(row))
    assert registry.refresh(city="qingdao") == 0


def test_the_nightly_check_finds_a_record_that_was_tampered_with(
    office: Office, editor: User
) -> None:
    rows = recognised(2)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    assert registry.tampered(city="qingdao") == []
    RegistryRecord.objects.filter(party=party(rows[0])).update(
        facts={f"{PROGRAMME}.rd_expenses": "9"}, refreshed_at=timezone.now() + timedelta(hours=2)
    )
    (difference,) = registry.tampered(city="qingdao")
    assert (difference.what, difference.key) == ("registry", rows[0][0])
    assert (difference.recorded, difference.added_up) == (1, 0)


def test_settings_of_the_start_count_to_the_end(office: Office, editor: User) -> None:
    sweep = start(editor)
    assert sweep.readings == settings_of(sweep.programme, sweep.version)
    assert keys_of(rules_of(sweep.version), None) == sorted(
        f"{PROGRAMME}.{key}" for key in rules_of(sweep.version).facts
    )
