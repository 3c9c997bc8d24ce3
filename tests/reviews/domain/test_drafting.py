"""Drafts of rules: kept however faulty, handed over only when sound, published by another."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event
from incentives.domain.catalogue import FOLDER, catalogue_programmes, load_catalogue
from incentives.domain.draft_text import dumped, read_draft
from incentives.domain.listing import listed, version_of
from incentives.domain.programmes import rules_of
from incentives.models import ProgrammeDraft, ProgrammeVersion
from incentives.policy.loader import programme_of
from incentives.policy.programme import Programme as Rules
from incentives.policy.programme import digest
from incentives.policy.yamlfile import parse_yaml
from reviews.domain import applications, drafting
from reviews.models.staff import Role
from tests.factories import Cast, make_staff, programme

pytestmark = pytest.mark.django_db
CODE = "enterprise-tech-centre-award"


UNHELD = """
  - id: never_reached
    label: {zh: 上限, en: A ceiling}
    limit: 77777777
    per: [centre_name]
    period: life
    printed: false"""


def start() -> tuple[ProgrammeDraft, Any, Any]:
    first, second = make_staff(Role.POLICY_EDITOR), make_staff(Role.POLICY_EDITOR)
    return drafting.start_draft(programme=programme(CODE), user=first), first, second


def better(draft: ProgrammeDraft) -> str:
    """Another summary: nothing that an example would notice."""
    assert "For an enterprise whose" in draft.written
    return draft.written.replace("For an enterprise whose", "For any enterprise whose")


def save(draft: ProgrammeDraft, written: str, user: Any) -> Any:
    return drafting.save_draft(
        draft=draft, written=written, basis="", in_force_from=None, user=user
    )


def submitted() -> tuple[ProgrammeDraft, Any, Any]:
    draft, first, second = start()
    save(draft, better(draft), first)
    drafting.submit_draft(draft=draft, user=first)
    return draft, first, second


def publish(draft: ProgrammeDraft, user: Any, **how: Any) -> ProgrammeVersion:
    told = {"basis": "青发改〔2026〕1号", "in_force_from": timezone.localdate()} | how
    return drafting.publish_draft(draft=draft, user=user, **told)


def test_a_draft_begins_with_the_catalogues_own_file() -> None:
    draft, _first, _second = start()
    assert draft.written.startswith(f"code: {CODE}\n")
    assert read_draft(draft.written, draft.programme)[1] == []


@pytest.mark.parametrize("rules", catalogue_programmes().values(), ids=lambda rules: rules.code)
def test_rules_written_out_read_the_same_again(rules: Rules) -> None:
    assert digest(programme_of(parse_yaml(dumped(rules), rules.code))) == digest(rules)


def test_a_faulty_text_is_kept_and_told_by_line() -> None:
    draft, first, _second = start()
    faults = save(draft, "code: x\n  nope: [", first)
    assert [fault.line for fault in faults] == [2]
    draft.refresh_from_db()
    assert draft.written == "code: x\n  nope: ["
    with pytest.raises(Refused, match="2"):
        drafting.submit_draft(draft=draft, user=first)


def test_what_a_programme_is_known_by_cannot_be_changed() -> None:
    draft, first, _second = start()
    faults = save(draft, draft.written.replace(f"code: {CODE}", "code: other"), first)
    assert [(fault.line, fault.where) for fault in faults] == [(1, "code")]


def test_a_red_example_and_a_loose_number_are_refused() -> None:
    draft, first, _second = start()
    red = draft.written.replace("national: 5000000", "national: 4000000")
    assert red != draft.written
    assert save(draft, red, first)
    unheld = draft.written.replace("\nsame_event:\n", UNHELD + "\nsame_event:\n")
    assert save(draft, unheld, first) == []
    with pytest.raises(Refused, match=r"caps\.2\.limit"):
        drafting.submit_draft(draft=draft, user=first)


def test_only_the_drafter_writes_and_only_another_publishes() -> None:
    draft, first, second = start()
    with pytest.raises(NotAllowed):
        save(draft, "x", second)
    save(draft, better(draft), first)
    drafting.submit_draft(draft=draft, user=first)
    with pytest.raises(NotAllowed):
        publish(draft, first)
    assert publish(draft, second).number == 2


@pytest.mark.parametrize("role", [Role.AUDITOR, None])
def test_only_policy_editors_of_the_city(role: Role | None) -> None:
    draft, _first, _second = submitted()
    stranger = make_staff(role) if role else make_staff(Role.POLICY_EDITOR, city="dalian")
    with pytest.raises(NotAllowed):
        publish(draft, stranger)
    with pytest.raises(NotAllowed):
        drafting.start_draft(programme=programme(CODE), user=stranger)


def test_publishing_needs_a_basis_and_a_day_to_come() -> None:
    draft, _first, second = submitted()
    yesterday = timezone.localdate() - timedelta(days=1)
    with pytest.raises(Refused) as refused:
        publish(draft, second, basis=" ", in_force_from=yesterday)
    assert sorted(refused.value.message_dict) == ["basis", "in_force_from"]


def test_a_returned_draft_is_written_on_and_a_withdrawn_one_is_over() -> None:
    draft, first, second = submitted()
    with pytest.raises(Refused):
        drafting.return_draft(draft=draft, reason=" ", user=second)
    drafting.return_draft(draft=draft, reason="补例子", user=second)
    assert save(draft, better(draft), first) == []
    drafting.withdraw_draft(draft=draft, user=first)
    with pytest.raises(Conflict):
        drafting.submit_draft(draft=draft, user=first)
    kinds = Event.objects.filter(kind__startswith="draft.").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "draft.started", "draft.submitted", "draft.returned", "draft.withdrawn",
    ]  # fmt: skip


def test_a_version_comes_into_force_on_its_day_and_cases_keep_theirs() -> None:
    draft, _first, second = submitted()
    row, today = programme(CODE), timezone.localdate()
    cast = Cast(CODE)
    before = applications.start_application(party=cast.party, programme=row, user=cast.clerk)
    later = today + timedelta(days=30)
    version = publish(draft, second, in_force_from=later)
    assert (row.current.number, version.number) == (1, 2)
    assert rules_of(version_of(city="qingdao", code=CODE)).summary.en.startswith("For an ")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert row.current == version
        assert rules_of(version_of(city="qingdao", code=CODE)).summary.en.startswith("For any ")
        other = Cast(CODE)
        case = applications.start_application(party=other.party, programme=row, user=other.clerk)
        assert case.version == version
    before.refresh_from_db()
    assert before.version.number == 1


def test_a_draft_of_a_text_that_was_replaced_meanwhile_is_refused() -> None:
    draft, _first, second = submitted()
    other = drafting.start_draft(programme=draft.programme, user=second)
    save(other, better(other), second)
    drafting.submit_draft(draft=other, user=second)
    publish(draft, second)
    with pytest.raises(Conflict, match="2"):
        publish(other, make_staff(Role.POLICY_EDITOR))


def test_a_scheduled_version_is_not_overtaken() -> None:
    draft, _first, second = submitted()
    later = timezone.localdate() + timedelta(days=30)
    publish(draft, second, in_force_from=later)
    again = drafting.start_draft(programme=draft.programme, user=second)
    assert again.based_on.number == 2
    save(again, again.written.replace("For any enterprise", "For each enterprise"), second)
    drafting.submit_draft(draft=again, user=second)
    with pytest.raises(Refused, match=later.isoformat()):
        publish(again, make_staff(Role.POLICY_EDITOR))


def test_loading_the_catalogue_leaves_a_published_version_in_force() -> None:
    draft, _first, second = submitted()
    publish(draft, second)
    done = load_catalogue()
    assert (done.held, done.changed) == ([], [])
    assert programme(CODE).current.number == 2


def test_a_changed_file_of_a_programme_that_editors_publish_is_held_back(tmp_path: Path) -> None:
    draft, _first, second = submitted()
    publish(draft, second)
    folder = tmp_path / "catalogue"
    shutil.copytree(FOLDER, folder)
    file = folder / "qingdao" / f"{CODE}.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("For an enterprise whose", "For some"), encoding="utf-8")
    assert load_catalogue(folder=folder).held == [CODE]
    assert programme(CODE).current.number == 2
    draft.refresh_from_db()
    file.write_text(draft.written, encoding="utf-8")
    assert load_catalogue(folder=folder).held == []


def test_a_programme_whose_first_version_is_to_come_is_not_listed() -> None:
    first = programme(CODE).current
    row = programme(CODE)
    row.pk, row.code = None, "to-come"
    row.save()
    ProgrammeVersion.objects.create(
        programme=row,
        number=1,
        definition=first.definition,
        digest=first.digest,
        in_force_from=timezone.localdate() + timedelta(days=1),
    )
    assert version_of(city="qingdao", code="to-come") is None
    assert row.current.number == 1
    cast = Cast(CODE)
    with pytest.raises(Refused):
        applications.start_application(party=cast.party, programme=row, user=cast.clerk)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert version_of(city="qingdao", code="to-come") is not None


def test_the_list_is_one_query_however_many_versions() -> None:
    draft, _first, second = submitted()
    publish(draft, second)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = list(listed())
    assert len(queries) == 1
    assert len({row.programme_id for row in found}) == len(found)
