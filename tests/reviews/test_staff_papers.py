"""Papers of the city in a case: who lays them, who opens them, and who never does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applicants.domain import documents
from applicants.domain.errors import Refused
from applicants.models import Document, Event, User
from reviews.demo.paper import one_page_pdf
from reviews.domain import objections, opinions, resolutions, working_days
from reviews.domain.reading import open_document
from reviews.models import Application, CaseReading, Objection, Opinion, PublicityItem
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, make_staff

CODE = "hitech-first-recognition-award"
TYPED = {"name": "某协会", "contact": "0532-00000000", "text": "证书已过期"}

pytestmark = pytest.mark.django_db


def pdf(name: str = "附件.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, one_page_pdf("paper"), content_type="application/pdf")


def wrong(name: str = "附件.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"no pdf at all", content_type="application/pdf")


def kept(user: User | None) -> Document:
    return documents.keep(party=None, upload=pdf(), user=user)


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def prepare(cast: Cast, case: Application, **more: object) -> Opinion:
    given = {"position": Position.OBJECT, "text": "证书已过期"} | more
    user = cast.of("miit", Role.PREPARER)
    return opinions.prepare_opinion(case_id=case.pk, bureau=bureau("miit"), user=user, **given)


def give(cast: Cast, case: Application) -> Opinion:
    user = cast.of("miit", Role.APPROVER)
    return opinions.approve_opinion(case_id=case.pk, bureau=bureau("miit"), user=user)


def act(case: Application, name: str) -> str:
    return reverse("admin:case_act_for", args=[case.pk, name, bureau("miit").pk])


def field(name: str, of: str) -> str:
    return f"{of}-{bureau('miit').pk}-{name}"


def opens(document: Document, user: User) -> bool:
    return open_document(document_id=document.pk, user=user) == document


def test_an_opinion_is_prepared_with_several_attachments_at_the_desk() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    client = desk(cast.of("miit", Role.PREPARER))
    name = "prepare_opinion"
    typed = {
        field("position", name): "object",
        field("text", name): "证书已过期",
        field("papers", name): [pdf("一.pdf"), pdf("二.pdf")],
    }
    assert client.post(act(case, name), typed).status_code == 302
    papers = [one.document for one in Opinion.objects.get().papers.all()]
    assert [(one.name, one.party, one.uploaded_by) for one in papers] == [
        ("一.pdf", None, cast.of("miit", Role.PREPARER)),
        ("二.pdf", None, cast.of("miit", Role.PREPARER)),
    ]
    page = client.get(reverse("admin:reviews_application_change", args=[case.pk]))
    assert reverse("reviews:document", args=[papers[0].pk]) in page.content.decode()


def test_a_file_that_is_not_taken_leaves_what_was_typed_and_keeps_nothing() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    before = Document.objects.count()
    name = "prepare_opinion"
    typed = {
        field("position", name): "object",
        field("text", name): "证书已过期，附件为证",
        field("papers", name): [pdf("一.pdf"), wrong()],
    }
    answer = desk(cast.of("miit", Role.PREPARER)).post(act(case, name), typed)
    failed = [offer.form for offer in answer.context["offers"] if offer.form.errors]
    assert (answer.status_code, [list(form.errors) for form in failed]) == (422, [["papers"]])
    assert "证书已过期，附件为证" in answer.content.decode()
    assert (Document.objects.count(), Opinion.objects.count()) == (before, 0)


def test_nothing_is_kept_for_whom_the_step_is_not_open() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    before = Document.objects.count()
    name = "prepare_opinion"
    typed = {field("position", name): "agree", field("papers", name): [pdf()]}
    desk(cast.of("miit", Role.APPROVER)).post(act(case, name), typed)
    assert (Document.objects.count(), Opinion.objects.count()) == (before, 0)


@pytest.mark.parametrize("whose", ["applicant", "colleague"])
def test_only_an_own_paper_of_the_city_is_attached(whose: str) -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    colleague = make_staff(Role.PREPARER, "miit")
    theirs = {
        "applicant": lambda: factories.make_document(cast.party, cast.clerk),
        "colleague": lambda: kept(colleague),
    }[whose]()
    with pytest.raises(Refused) as refused:
        prepare(cast, case, papers=[theirs])
    assert list(refused.value.message_dict) == ["papers"]


def test_at_most_ten_with_those_of_an_earlier_draft() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    user = cast.of("miit", Role.PREPARER)
    prepare(cast, case, papers=[kept(user) for _ in range(6)])
    with pytest.raises(Refused) as refused:
        prepare(cast, case, papers=[kept(user) for _ in range(5)])
    assert list(refused.value.message_dict) == ["papers"]


def test_an_attachment_opens_where_the_opinion_is_read() -> None:
    """In preparation for the own bureau, given for all staff of the case, never the applicant."""
    cast = Cast(CODE)
    case = factories.accepted(cast)
    own = cast.of("miit", Role.PREPARER)
    document = kept(own)
    prepare(cast, case, papers=[document])
    handling, auditor = cast.of("sti", Role.PREPARER), cast.free(make_staff(Role.AUDITOR))
    others = [
        cast.clerk,
        factories.make_user(),
        make_staff(Role.PREPARER, "education"),
        make_staff(Role.PREPARER, "sti"),  # has not declared
        make_staff(Role.AUDITOR, city="dalian"),
        make_staff(Role.LEADER, "finance", city="dalian"),
    ]
    assert opens(document, own)
    assert [opens(document, one) for one in (handling, auditor, *others)] == [False] * 8
    give(cast, case)
    assert [opens(document, one) for one in (own, handling, auditor)] == [True] * 3
    assert [opens(document, one) for one in others] == [False] * 6


def test_a_reading_is_written_down() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    document = kept(cast.of("miit", Role.PREPARER))
    prepare(cast, case, papers=[document])
    give(cast, case)
    reader = cast.of("sti", Role.PREPARER)
    before = CaseReading.objects.filter(user=reader, door="document").count()
    page = reverse("reviews:document", args=[document.pk])
    answer = desk(reader).get(page)
    assert (answer.status_code, b"".join(answer.streaming_content)[:4]) == (200, b"%PDF")
    assert desk(cast.clerk).get(page).status_code == 404
    assert CaseReading.objects.filter(user=reader, door="document").count() == before + 1
    read = Event.objects.get(kind="document.read")
    assert (read.actor, read.data) == (reader, {"document": str(document.pk), "laid": "opinion"})
    told = desk(reader).get(reverse("admin:reviews_application_history", args=[case.pk]))
    assert page in told.content.decode()


def test_minutes_of_a_joint_meeting() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    prepare(cast, case)
    given = give(cast, case)
    preparer = cast.of("sti", Role.PREPARER)
    client, name = desk(preparer), "resolve"
    typed = {
        field("kind", name): "meeting",
        field("text", name): "会议同意",
        field("held_on", name): working_days.today().isoformat(),
        field("present", name): "市科技局、市工信局",
    }
    refused = client.post(act(case, name), typed | {field("document", name): wrong()})
    assert (refused.status_code, "会议同意" in refused.content.decode()) == (422, True)
    assert client.post(act(case, name), typed | {field("document", name): pdf()}).status_code == 302
    given.refresh_from_db()
    minutes = given.resolution.document
    assert opens(minutes, cast.of("miit", Role.PREPARER))
    assert [opens(minutes, one) for one in (cast.clerk, make_staff(Role.PREPARER, "miit"))] == [
        False,
        False,
    ]
    page = reverse("reviews:document", args=[minutes.pk])
    shown = ("reviews_application_change", "reviews_application_history")
    pages = [client.get(reverse(f"admin:{one}", args=[case.pk])) for one in shown]
    assert [page in one.content.decode() for one in pages] == [True, True]


def test_minutes_of_somebody_else_are_refused() -> None:
    cast = Cast(CODE)
    case = factories.accepted(cast)
    prepare(cast, case)
    given = give(cast, case)
    with pytest.raises(Refused) as refused:
        resolutions.resolve(
            case_id=case.pk,
            opinion_id=given.pk,
            kind=ResolutionKind.REASON,
            text="已核实",
            document=kept(cast.of("miit", Role.PREPARER)),
            user=cast.of("sti", Role.PREPARER),
        )
    assert list(refused.value.message_dict) == ["document"]


def objecting(case: Application) -> str:
    item = PublicityItem.objects.get(application=case)
    return reverse("reviews:object", args=[item.notice.number, item.pk])


def test_the_public_attaches_a_paper_that_the_bureau_reads(client: Client) -> None:
    cast = Cast(CODE)
    case = factories.published(cast)
    assert client.post(objecting(case), TYPED | {"file": pdf("证据.pdf")}).status_code == 302
    objection = Objection.objects.get()
    paper = objection.document
    assert (paper.name, paper.party, paper.uploaded_by) == ("证据.pdf", None, None)
    leader, auditor = (
        cast.free(one) for one in (make_staff(Role.LEADER, "sti"), make_staff(Role.AUDITOR))
    )
    page = reverse("reviews:document", args=[paper.pk])
    row = reverse("admin:reviews_objection_change", args=[objection.pk])
    assert page in desk(leader).get(row).content.decode()
    assert [opens(paper, one) for one in (leader, auditor)] == [True, True]
    never = [
        cast.clerk,
        factories.make_user(),
        cast.of("sti", Role.PREPARER),
        cast.of("miit", Role.APPROVER),
        cast.of("finance", Role.FINANCE_PREPARER),
        make_staff(Role.LEADER, "sti"),  # has not declared
        make_staff(Role.AUDITOR, city="dalian"),
    ]
    assert [opens(paper, one) for one in never] == [False] * 7
    assert client.get(page).status_code == 302  # to the sign-in


def test_a_file_that_is_not_taken_is_told_and_the_text_stays(client: Client) -> None:
    case = factories.published(Cast(CODE))
    before = Document.objects.count()
    answer = client.post(objecting(case), TYPED | {"file": wrong()})
    assert list(answer.context["form"].errors) == ["file"]
    assert [one for one in TYPED.values() if one not in answer.content.decode()] == []
    assert (Objection.objects.count(), Document.objects.count()) == (0, before)


def test_an_objection_has_the_day_by_which_it_is_decided() -> None:
    case = factories.published(Cast(CODE))
    item = PublicityItem.objects.get(application=case)
    found = objections.file_objection(item_id=item.pk, **TYPED)
    assert found.due_on == working_days.add_working_days(working_days.today(), 10)
