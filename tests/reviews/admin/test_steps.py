"""Each step through its form: the verb is done, and what is refused comes back as it was typed."""

from datetime import timedelta
from decimal import Decimal

import time_machine

from applicants.models import Event
from incentives.domain.programmes import rules_of
from incentives.models import Award
from reviews.domain.determinations import confirm_facts
from reviews.models import Opinion
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, bureau, fresh

LIST = "/admin/reviews/application/"


def post(client, case, name, bureau_id=None, **data):
    tail = f"{bureau_id}/" if bureau_id else ""
    prefix = f"{name}-{bureau_id}" if bureau_id else name
    fields = {key if key == "preview" else f"{prefix}-{key}": value for key, value in data.items()}
    return client.post(f"{LIST}{case.pk}/do/{name}/{tail}", fields)


def money_fact(case):
    return next(key for key, fact in rules_of(case.version).facts.items() if fact.type == "money")


def last_event(case):
    return Event.objects.filter(subject=f"case:{case.pk}").latest("id").kind


def test_accept(cast, desk):
    case = factories.submitted(cast)
    answer = post(desk(cast.of("sti", Role.PREPARER)), case, "accept")
    assert (answer.status_code, answer.url) == (302, f"{LIST}{case.pk}/change/")
    assert fresh(case).state == "accepted"


def test_return_with_defects(cast, desk):
    case = factories.submitted(cast)
    post(desk(cast.of("sti", Role.APPROVER)), case, "return_case", reason="缺高企证书")
    assert (fresh(case).state, case.returned_reason) == ("returned", "缺高企证书")


def test_return_without_a_reason_comes_back(cast, desk):
    case = factories.submitted(cast)
    answer = post(desk(cast.of("sti", Role.PREPARER)), case, "return_case", reason="")
    assert (answer.status_code, fresh(case).state) == (422, "submitted")
    form = next(o.form for o in answer.context["offers"] if o.action.name == "return_case")
    assert list(form.errors) == ["reason"]


def test_decline(cast, desk):
    case = factories.submitted(cast)
    post(desk(cast.of("sti", Role.PREPARER)), case, "decline", reason="不属于本事项")
    assert fresh(case).state == "not_accepted"


def test_opinion_prepared_and_given(cast, desk):
    case = factories.accepted(cast)
    miit = bureau("miit").pk
    writer, giver = cast.of("miit", Role.PREPARER), cast.of("miit", Role.APPROVER)
    post(desk(writer), case, "prepare_opinion", miit, position="agree", text="同意")
    post(desk(giver), case, "approve_opinion", miit)
    opinion = Opinion.objects.get(task__application=case, task__bureau=miit)
    assert (opinion.text, opinion.prepared_by, opinion.approved_by) == ("同意", writer, giver)


def test_objection_without_reason_keeps_the_choice(cast, desk):
    case = factories.accepted(cast)
    miit = bureau("miit").pk
    answer = post(
        desk(cast.of("miit", Role.PREPARER)), case, "prepare_opinion", miit, position="object"
    )
    form = answer.context["offers"][0].form
    assert answer.status_code == 422
    assert (list(form.errors), form["position"].value()) == (["text"], "object")


def test_opinion_for_a_bureau_of_others_is_forbidden(cast, desk):
    case = factories.accepted(cast)
    client = desk(cast.of("miit", Role.PREPARER))
    finance = bureau("finance").pk
    answer = post(client, case, "prepare_opinion", finance, position="agree", text="代签")
    assert answer.status_code == 403
    assert not Opinion.objects.filter(task__application=case).exists()


def test_confirm_all_as_declared(cast, desk):
    case = factories.accepted(cast)
    post(desk(cast.of("sti", Role.PREPARER)), case, "confirm_facts", all_declared="on")
    values = case.facts.values_list("declared", "confirmed")
    assert [confirmed for _declared, confirmed in values] == [d for d, _confirmed in values]
    assert last_event(case) == "case.facts_confirmed"


def test_confirm_another_value_with_a_note(db, desk):
    cast = Cast("tech-sme-rd-reward")
    case = factories.accepted(cast)
    money = money_fact(case)
    fields = {"all_declared": "on", f"value_{money}": "1,000,000", f"note_{money}": "按审计报告"}
    answer = post(desk(cast.of(cast.handling, Role.PREPARER)), case, "confirm_facts", **fields)
    fact = case.facts.get(key=money)
    assert answer.status_code == 302
    assert (Decimal(fact.confirmed), fact.note) == (Decimal("1000000"), "按审计报告")
    assert case.facts.filter(confirmed__isnull=True, declared__isnull=False).count() == 0


def test_a_value_that_cannot_be_read_stands_beside_its_field(db, desk):
    cast = Cast("tech-sme-rd-reward")
    case = factories.accepted(cast)
    money = money_fact(case)
    client = desk(cast.of(cast.handling, Role.PREPARER))
    answer = post(client, case, "confirm_facts", **{f"value_{money}": "一百万"})
    form = next(o.form for o in answer.context["offers"] if o.action.name == "confirm_facts")
    assert answer.status_code == 422
    assert list(form.errors) == [f"value_{money}"]
    assert form[f"value_{money}"].value() == "一百万"
    assert case.facts.get(key=money).confirmed is None


def test_nothing_ticked_is_told(cast, desk):
    case = factories.accepted(cast)
    answer = post(desk(cast.of("sti", Role.PREPARER)), case, "confirm_facts")
    assert answer.status_code == 422


def team_case():
    cast = Cast("national-project-team-award")
    return cast, factories.reviewed(cast)


def test_propose_within_the_printed_bounds(db, desk):
    cast, case = team_case()
    client = desk(cast.of("sti", Role.PREPARER))
    page = client.get(f"{LIST}{case.pk}/change/").content.decode()
    assert [bound in page for bound in ("3%", "5%")] == [True, True]
    answer = post(client, case, "propose", outcome="award", choice_rate="4%", reason="按条款")
    assert (answer.status_code, fresh(case).state) == (302, "proposed")
    assert case.determinations.get().choices == {"rate": "4%"}


def test_a_figure_outside_its_bounds_is_refused_with_the_bounds(db, desk):
    cast, case = team_case()
    client = desk(cast.of("sti", Role.PREPARER))
    answer = post(client, case, "propose", outcome="award", choice_rate="6%", reason="按条款")
    form = next(o.form for o in answer.context["offers"] if o.action.name == "propose")
    assert (answer.status_code, fresh(case).state) == (422, "accepted")
    assert list(form.errors) == ["choice_rate"]
    assert "5%" in form.errors["choice_rate"][0]
    assert form["reason"].value() == "按条款"


def test_the_amount_can_be_worked_out_before_proposing(db, desk):
    cast, case = team_case()
    client = desk(cast.of("sti", Role.PREPARER))
    fields = {"outcome": "award", "choice_rate": "3%", "reason": "试算", "preview": "1"}
    answer = post(client, case, "propose", **fields)
    assert (answer.status_code, fresh(case).state) == (200, "accepted")
    assert answer.context["previewed"]["decision"] == "eligible"
    assert case.determinations.count() == 0


def test_approve_reserves_and_the_page_shows_what_is_left(db, desk):
    cast = Cast("national-project-team-award")
    case = factories.proposed(cast)
    client = desk(cast.of("sti", Role.APPROVER))
    before = client.get(f"{LIST}{case.pk}/change/").context["caps"]
    post(client, case, "approve")
    after = client.get(f"{LIST}{case.pk}/change/").context["caps"]
    award = Award.objects.get(case_number=case.number)
    assert fresh(case).state == "determined"
    assert [b.left - a.left for b, a in zip(before, after, strict=True)] == [award.amount] * 2
    assert [cap.own for cap in after] == [award.amount] * 2


def test_send_back(cast, desk):
    case = factories.proposed(cast)
    post(desk(cast.of("sti", Role.APPROVER)), case, "send_back", reason="请复核")
    assert fresh(case).state == "accepted"


def test_one_person_does_not_approve_what_they_proposed(cast, desk):
    case = factories.proposed(cast)
    proposer = cast.of("sti", Role.PREPARER)
    factories.give_role(proposer, Role.APPROVER, "sti")
    client = desk(proposer)
    names = [o.action.name for o in client.get(f"{LIST}{case.pk}/change/").context["offers"]]
    assert names == ["send_back"]
    assert post(client, case, "approve").status_code == 403
    assert fresh(case).state == "proposed"


def test_finance_checks_and_hands_back(cast, desk):
    case = factories.determined(cast)
    client = desk(cast.of("finance", Role.FINANCE_PREPARER))
    post(client, case, "check", note="已核查")
    assert fresh(case).state == "checked"
    answer = post(client, case, "hand_back", reason="账户户名不符")
    assert (answer.status_code, answer.url) == (302, LIST)
    assert fresh(case).state == "accepted"


def test_publish_and_award(cast, desk):
    case = factories.checked(cast)
    client = desk(cast.of("sti", Role.APPROVER))
    post(client, case, "publish")
    early = post(client, case, "award")
    assert (early.status_code, fresh(case).state) == (302, "publicity")
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        post(desk(cast.of("sti", Role.APPROVER)), case, "award", reason="")
    assert fresh(case).state == "awarded"


def test_a_second_press_is_told_and_reloads(cast, desk):
    case = factories.submitted(cast)
    first, second = (desk(cast.of("sti", role)) for role in (Role.PREPARER, Role.APPROVER))
    post(first, case, "accept")
    answer = post(second, case, "accept")
    assert (answer.status_code, answer.url) == (302, f"{LIST}{case.pk}/change/")
    page = second.get(answer.url)
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]
    assert Event.objects.filter(subject=f"case:{case.pk}", kind="case.accepted").count() == 1


def test_a_step_is_posted_never_followed(cast, desk):
    case = factories.submitted(cast)
    answer = desk(cast.of("sti", Role.PREPARER)).get(f"{LIST}{case.pk}/do/accept/")
    assert (answer.status_code, fresh(case).state) == (302, "submitted")


def test_unknown_step_is_not_found(cast, desk):
    case = factories.submitted(cast)
    client = desk(cast.of("sti", Role.PREPARER))
    assert post(client, case, "erase").status_code == 404


def test_facts_must_be_confirmed_before_a_proposal(cast, desk):
    case = factories.accepted(cast)
    factories.walk.give_opinions(case, cast.of)
    client = desk(cast.of("sti", Role.PREPARER))
    names = [o.action.name for o in client.get(f"{LIST}{case.pk}/change/").context["offers"]]
    confirm_facts(
        case_id=case.pk,
        values={f.key: f.declared for f in case.facts.all() if f.declared is not None},
        user=cast.of("sti", Role.PREPARER),
    )
    later = [o.action.name for o in client.get(f"{LIST}{case.pk}/change/").context["offers"]]
    assert (names, later) == (
        ["confirm_facts", "return_case"],
        ["confirm_facts", "propose", "return_case"],
    )
