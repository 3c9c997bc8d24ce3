"""Every verb on a case: how it is called, who may, and its doors at the desk and in the API.

A public verb of `reviews.domain` on a case, a task, an objection or a reconsideration that is
not here fails the test of this table. `allowed` is None where `actions.available` says who may.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from applicants.models import User
from reviews.demo.paper import one_page_pdf
from reviews.domain import (
    acceptance,
    applications,
    assignments,
    audits,
    awarding,
    commitments,
    concluded,
    determinations,
    finance,
    interests,
    notes,
    objections,
    obligations,
    opinions,
    payees,
    publicity,
    reconsiderations,
    recovering,
    resolutions,
    undoing,
)
from reviews.domain.working_days import add_working_days, today
from reviews.models import Application
from reviews.models.determination import Outcome
from reviews.models.lifecycle import EDITABLE, CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.obligation import ObligationKind
from reviews.models.task import Position
from tests.factories import bureau, valid_uscc
from tests.reviews.matrix.beside import (
    WITHDRAWABLE,
    Call,
    May,
    assigning,
    attaching,
    choosing,
    declared,
    detaching,
    first_fact,
    giving_back,
    handling,
    may_assign,
    may_decide,
    may_declare,
    may_handle,
    may_impose,
    may_note,
    may_object,
    may_reconsider,
    may_take,
    members_while,
    nobody,
    objecting,
    reconsidering,
    taking,
)
from tests.reviews.matrix.people import ASKED, HANDLING

Sent = Callable[[Application], dict[str, Any]]


@dataclass(frozen=True)
class Verb:
    """`desk`: fields of its form at the desk; `api`: the address under the case and the body;
    `home`: the stage at which everybody tries these doors."""

    does: Callable[..., Any]
    name: str
    call: Call
    bureau: str | None = None
    allowed: May | None = None
    desk: Sent | None = None
    api: str = ""
    body: Sent = field(default=lambda case: {})
    home: str = ""

    @property
    def key(self) -> tuple[str, str | None]:
        return self.name, self.bureau


def on_case(verb: Callable[..., Any], **fixed: Any) -> Call:
    return lambda case, user: verb(case_id=case.pk, user=user, **fixed)


def same(**fields: Any) -> Sent:
    return lambda case: fields


def step(verb: Callable[..., Any], home: str, *, api: str = "", **fields: Any) -> Verb:
    """A verb that takes the case and fields named alike in both doors."""
    name = verb.__name__
    return Verb(
        verb,
        name,
        on_case(verb, **fields),
        desk=same(**fields),
        api=f"{api or name.replace('_', '-')}/",
        body=same(**fields),
        home=home,
    )


# Steps of one bureau among several.


def of_bureau(code: str) -> list[Verb]:
    own = {"bureau": code}

    def home(stage: str) -> str:
        return "" if code == HANDLING else stage  # it is not asked: it determines

    return [
        Verb(
            opinions.prepare_opinion,
            "prepare_opinion",
            lambda c, u: opinions.prepare_opinion(
                case_id=c.pk, bureau=bureau(code), position=Position.AGREE, text="", user=u
            ),
            code,
            desk=same(position="agree", text=""),
            api="prepare-opinion/",
            body=same(**own, position="agree"),
            home=home("accepted"),
        ),
        Verb(
            opinions.approve_opinion,
            "approve_opinion",
            lambda c, u: opinions.approve_opinion(case_id=c.pk, bureau=bureau(code), user=u),
            code,
            desk=same(),
            api="approve-opinion/",
            body=same(**own),
            home=home("opinion in preparation"),
        ),
        Verb(
            opinions.ask_part,
            "ask_part",
            lambda c, u: opinions.ask_part(
                case_id=c.pk, bureau=bureau(code), of=bureau("education"), question="请核实", user=u
            ),
            code,
            desk=lambda case: {"of": bureau("education").pk, "question": "请核实"},
            api="ask-part/",
            body=same(**own, of="education", question="请核实"),
            home=home("accepted"),
        ),
        Verb(
            resolutions.resolve,
            "resolve",
            lambda c, u: resolutions.resolve(
                case_id=c.pk, opinion_id=waiting_opinion(c, code), kind=ResolutionKind.REASON,
                text="理由", user=u,
            ),
            code,
            desk=same(kind="reason", text="理由"),
            api="resolve/",
            body=lambda case: {
                "opinion": waiting_opinion(case, code), "kind": "reason", "text": "理由",
            },
            home=home("objected"),
        ),
    ]  # fmt: skip


def waiting_opinion(case: Application, code: str) -> int:
    found = [one.pk for one in resolutions.unresolved(case) if one.task.bureau.code == code]
    return found[0] if found else 0


AUDITOR = {"auditor": "第三方会计师事务所", "auditor_uscc": valid_uscc()}


def commission(case: Application) -> dict[str, Any]:
    return AUDITOR | {"scope": "研发费用", "due_on": add_working_days(today(), 5)}


def report(case: Application) -> dict[str, Any]:
    paper = SimpleUploadedFile("审计报告.pdf", one_page_pdf("report"), "application/pdf")
    return AUDITOR | {"report_number": "审字1号", "finding": "一致", "document": paper}


def receiving(case: Application, user: User) -> object:
    given = report(case)
    paper = given.pop("document")
    return audits.receive(case_id=case.pk, told=audits.Told(**given), upload=paper, user=user)


def confirming(case: Application, user: User) -> object:
    return determinations.confirm_facts(case_id=case.pk, values=declared(case), user=user)


def ticks(case: Application) -> dict[str, Any]:
    return {f"same_{fact.key}": "on" for fact in case.facts.all()}


VERBS: list[Verb] = [
    step(acceptance.accept, "submitted"),
    step(acceptance.return_case, "accepted", reason="缺材料"),
    step(acceptance.decline, "submitted", reason="不属于本事项"),
    *(verb for code in (HANDLING, ASKED[0]) for verb in of_bureau(code)),
    Verb(
        audits.commission,
        "commission_audit",
        lambda c, u: audits.commission(case_id=c.pk, user=u, **commission(c)),
        desk=commission,
        api="commission-audit/",
        body=lambda case: commission(case) | {"due_on": commission(case)["due_on"].isoformat()},
        home="audit pending",
    ),
    Verb(
        audits.receive,
        "record_audit",
        receiving,
        desk=report,
        api="record-audit/",
        body=report,
        home="audit pending",
    ),
    Verb(
        determinations.confirm_facts,
        "confirm_facts",
        confirming,
        desk=ticks,
        api="confirm-facts/",
        body=lambda case: {"facts": declared(case)},
        home="facts unconfirmed",
    ),
    Verb(
        determinations.propose,
        "propose",
        on_case(determinations.propose, outcome=Outcome.REFUSE, choices={}, reason="不符合条件"),
        desk=same(outcome="refuse", reason="不符合条件"),
        api="propose/",
        body=same(outcome="refuse", reason="不符合条件"),
        home="reviewed",
    ),
    step(determinations.approve, "proposed"),
    step(determinations.send_back, "half signed", reason="请补充说明"),
    step(finance.check, "determined", api="finance-check", note="已核查"),
    step(finance.hand_back, "checked", reason="账户不符"),
    Verb(
        undoing.hand_back,
        "hand_back_to",
        on_case(undoing.hand_back, to=CaseState.ACCEPTED, reason="退回重审"),
        desk=same(to="accepted", reason="退回重审"),
        api="hand-back-to/",
        body=same(to="accepted", reason="退回重审"),
        home="in publicity",
    ),
    Verb(
        publicity.publish,
        "publish",
        lambda c, u: publicity.publish(case_ids=[c.pk], user=u),
        desk=same(),
        api="../publish/",
        body=lambda case: {"cases": [case.pk]},
        home="checked",
    ),
    step(awarding.award, "publicity over", reason=""),
    step(concluded.conclude, "", reason=""),
    Verb(
        interests.declare,
        "declare",
        on_case(interests.declare, conflict=False),
        allowed=may_declare,
        desk=same(conflict="no"),
        api="declare/",
        body=same(conflict=False),
        home="submitted",
    ),
    Verb(notes.write_note, "note", on_case(notes.write_note, text="请看"), allowed=may_note),
    Verb(assignments.assign, "assign", assigning, allowed=may_assign),
    Verb(assignments.take, "take", taking, allowed=may_take),
    Verb(assignments.give_back, "give_back", giving_back, allowed=nobody),
    Verb(
        obligations.impose,
        "set_obligation",
        lambda c, u: obligations.impose(
            case_id=c.pk, kind=ObligationKind.REPORT, text="年度报告",
            due_on=add_working_days(today(), 200), user=u,
        ),
        allowed=may_impose,
    ),
    Verb(
        recovering.prepare,
        "prepare_recovery",
        lambda c, u: recovering.prepare(
            case_id=c.pk, amount=Decimal(1), reason="x", due_on=add_working_days(today(), 9), user=u
        ),
        allowed=nobody,  # nothing is paid yet: see tests/reviews/domain/test_obligations.py
    ),
    Verb(objections.file_objection, "object", objecting, allowed=may_object),
    Verb(objections.handle, "handle_objection", handling, allowed=may_handle),
    Verb(reconsiderations.decide, "decide_reconsideration", reconsidering, allowed=may_decide),
    Verb(
        reconsiderations.ask,
        "ask_reconsideration",
        on_case(reconsiderations.ask, text="请复核"),
        allowed=may_reconsider,
    ),
    Verb(
        applications.save_facts,
        "save_facts",
        on_case(applications.save_facts, values={}),
        allowed=members_while(*EDITABLE),
    ),
    Verb(applications.attach, "attach", attaching, allowed=members_while(*EDITABLE)),
    Verb(applications.detach, "detach", detaching, allowed=members_while(*EDITABLE)),
    Verb(applications.choose_account, "choose_account", choosing,
         allowed=members_while(*EDITABLE)),
    Verb(
        applications.submit,
        "submit",
        on_case(applications.submit, declared_true=True),
        allowed=members_while(*EDITABLE),
    ),
    Verb(
        applications.withdraw,
        "withdraw",
        on_case(applications.withdraw),
        allowed=members_while(*WITHDRAWABLE),
    ),
    Verb(
        commitments.promise,
        "promise",
        lambda c, u: commitments.promise(
            case_id=c.pk, fact_key=first_fact(c), text="补交",
            due_on=add_working_days(today(), 1), user=u,
        ),
        allowed=nobody,  # no paper of this programme may follow
    ),
    Verb(
        payees.add_payee,
        "add_payee",
        on_case(payees.add_payee, name="甲", id_number="x", bank="x", number="1", share="100"),
        allowed=nobody,  # this programme pays its applicant, not a team
    ),
    Verb(payees.remove_payee, "remove_payee", on_case(payees.remove_payee, payee_id=0),
         allowed=nobody),
]  # fmt: skip


ELSEWHERE: dict[str, str] = {
    "sweeps_offers": "offers of the city, of drafts it opened: tests/reviews/test_offers.py",
    "audits.record_report": "the inner half of audits.receive",
    "reading": "reads: tests/reviews/test_doors.py",
    "returned": "by the applicant, of a payment: tests/reviews/domain/test_returned.py",
    "exceeding": "the excess of a cap: tests/reviews/domain/test_exceeding.py",
    "advances": "advance and settlement: tests/reviews/admin/test_settlements.py",
    "publicity_checks.check_list": "reads what cases_for_staff shows: its own tests",
}
"""Modules, or single verbs of one, that are tried elsewhere."""
