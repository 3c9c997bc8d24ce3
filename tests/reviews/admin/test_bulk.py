"""One step over many cases: preview first, then each case with its own result."""

from datetime import timedelta

import time_machine

from reviews.domain.opinions import prepare_opinion
from reviews.models import Application, PublicityNotice
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, fresh

LIST = "/admin/reviews/application/"


def preview(client, name, cases, query=""):
    chosen = {"action": name, "_selected_action": [case.pk for case in cases]}
    return client.post(f"{LIST}{query}", chosen)


def run(client, name, cases):
    return client.post(f"{LIST}bulk/{name}/", {"case": [case.pk for case in cases]})


def results(answer):
    return {line.case.pk: line.done for line in answer.context["lines"]}


def test_preview_changes_nothing(cast, desk):
    cases = [factories.submitted(cast) for _ in range(2)]
    answer = preview(desk(cast.of("sti", Role.PREPARER)), "accept", cases)
    assert (answer.status_code, answer.context["count"]) == (200, 2)
    assert {fresh(case).state for case in cases} == {"submitted"}


def test_accept_many_with_a_result_each(cast, desk):
    cases = [factories.submitted(cast) for _ in range(2)]
    done = factories.accepted(cast)
    answer = run(desk(cast.of("sti", Role.PREPARER)), "accept", [*cases, done])
    assert results(answer) == {cases[0].pk: True, cases[1].pk: True, done.pk: False}
    assert {fresh(case).state for case in cases} == {"accepted"}


def test_cases_of_others_cannot_be_slipped_in(cast, desk):
    own = factories.submitted(cast)
    foreign = factories.submitted(Cast("university-new-discipline-award", kind="university"))
    answer = run(desk(cast.of("sti", Role.PREPARER)), "accept", [own, foreign])
    assert results(answer) == {own.pk: True}
    assert fresh(foreign).state == "submitted"


def test_only_opinions_that_agree_are_given_together(cast, desk):
    cases = [factories.accepted(cast) for _ in range(2)]
    positions = [(Position.AGREE, ""), (Position.OBJECT, "与事实不符")]
    for case, (position, text) in zip(cases, positions, strict=True):
        prepare_opinion(
            case_id=case.pk,
            bureau=bureau("miit"),
            position=position,
            text=text,
            user=cast.of("miit", Role.PREPARER),
        )
    answer = run(desk(cast.of("miit", Role.APPROVER)), "give", cases)
    assert results(answer) == {cases[0].pk: True, cases[1].pk: False}


def test_publish_on_one_notice_with_count_and_total(cast, desk):
    casts = [Cast("tech-sme-rd-reward") for _ in range(2)]
    cases = [factories.checked(one) for one in casts]
    preparer = cast.of("sti", Role.PREPARER)
    client = desk(preparer)
    before = run(client, "publish", cases)
    assert results(before) == dict.fromkeys((case.pk for case in cases), False)
    run(client, "declare", cases)
    shown = preview(client, "publish", cases)
    answer = run(client, "publish", cases)
    notice = PublicityNotice.objects.get()
    assert (shown.context["count"], shown.context["total"]) == (notice.count, notice.total)
    assert (notice.count, results(answer)) == (2, {case.pk: True for case in cases})


def test_publish_nothing_says_why(cast, desk):
    case = factories.submitted(cast)
    answer = run(desk(cast.of("sti", Role.PREPARER)), "publish", [case])
    assert results(answer) == {case.pk: False}
    assert not PublicityNotice.objects.exists()


def test_award_many_after_publicity(cast, desk):
    case = factories.published(cast)
    early = run(desk(cast.of("sti", Role.APPROVER)), "award", [case])
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        late = run(desk(cast.of("sti", Role.APPROVER)), "award", [case])
    assert (results(early), results(late)) == ({case.pk: False}, {case.pk: True})
    assert fresh(case).state == "awarded"


def test_too_many_at_a_time_is_told(cast, desk, monkeypatch):
    monkeypatch.setattr("reviews.admin.bulk.MOST", 1)
    cases = [factories.submitted(cast) for _ in range(2)]
    answer = preview(desk(cast.of("sti", Role.PREPARER)), "accept", cases)
    assert answer.status_code == 302
    assert Application.objects.filter(state="submitted").count() == 2


def test_odd_input_is_no_error(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    assert client.post(f"{LIST}bulk/accept/", {"case": ["x", "-1", "9" * 30]}).status_code == 200
    assert client.post(f"{LIST}bulk/erase/", {}).status_code == 404
    assert client.get(f"{LIST}bulk/accept/").status_code == 302
