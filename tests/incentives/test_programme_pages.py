"""The public pages of the programmes: all of them, in both languages, at a constant cost."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from incentives.domain.listing import listed
from incentives.domain.programmes import rules_of
from incentives.domain.settings import change_setting
from incentives.models import PolicyDocument, Programme
from tests.factories import make_user, programme

pytestmark = pytest.mark.django_db


def address(found: Programme, name: str = "programmes:page") -> str:
    return reverse(name, args=[found.city_id, found.code])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_programme_has_its_page(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    found = list(Programme.objects.all())
    assert len(found) == 252
    for one in found:
        page = client.get(address(one))
        assert page.status_code == 200, one.code
        text = page.content.decode()
        rules = rules_of(one.current)
        for quote in rules.source.quotes:
            assert quote.replace('"', "&quot;") in text, one.code
        assert (one.city.name_en if language == "en" else one.city.name_zh) in text
        with override(language):
            assert (f"<dt>{_('Paid to')}</dt>" in text) is rules.outcome.pays, one.code
        assert (one.title_en if language == "en" else one.title_zh) in page.context[
            "page"
        ].programme.title
        assert "eligibility" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_programme_answers_could_we_get_this(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    for one in Programme.objects.all():
        assert client.get(address(one, "programmes:eligibility_of")).status_code == 200, one.code


def test_the_page_shows_the_handling_bureau_caps_and_examples(client: Client) -> None:
    page = client.get(address(programme("national-project-team-award"))).context["page"]
    assert [bureau.code for bureau, _handles in page.bureaus] == [
        "sti", "drc", "miit", "marine", "finance",
    ]  # fmt: skip
    assert [bureau.code for bureau, handles in page.bureaus if handles] == ["sti"]
    assert [ceiling.limit for ceiling in page.ceilings] == ["300,000.00 元", "2,000,000.00 元"]
    assert page.most == "300,000.00 元"
    assert page.examples[0].working == "4,000,000 × 5% = 200,000"


def test_what_is_not_decided_is_said(client: Client) -> None:
    page = client.get(address(programme("skills-training-subsidy"))).context["page"]
    rules = page.rules
    assert [label for label, _help in page.undecided] == [
        parameter.label.zh for parameter in rules.parameters.values() if parameter.value is None
    ]
    assert len(page.undecided) > 0


def codes(client: Client, **query: str) -> list[str]:
    """Of all pages of the list."""
    found, number = [], 1
    while True:
        asked = {**query, "page": str(number)}
        context = client.get(reverse("programmes:list"), asked).context
        found += [card.programme.code for card in context["cards"]]
        if not context["page"].has_next():
            assert len(found) == context["count"]
            return found
        number += 1


def test_the_list_shows_all_and_is_narrowed_by_each_filter(client: Client) -> None:
    everything = codes(client)
    assert (len(everything), len(set(everything))) == (252, 252)
    assert codes(client, words="安家费") == ["settling-in-allowance"]
    persons = {rules_of(v).code for v in listed() if "person" in rules_of(v).roles.applicant}
    assert set(codes(client, kind="person")) == persons
    by_bureau = {
        rules_of(v).code
        for v in listed()
        if "marine" in (*rules_of(v).bureaus.printed, v.programme.handling_bureau.code)
    }
    assert set(codes(client, bureau="marine")) == by_bureau
    of_document = Programme.objects.filter(document__code="qd-new-industries")
    assert set(codes(client, document="qd-new-industries")) == {one.code for one in of_document}
    assert codes(client, document="no-such") == []
    assert codes(client, words="安家费", kind="fund") == []


def test_a_strange_code_is_not_found(client: Client) -> None:
    assert client.get("/programmes/qingdao/nothing/").status_code == 404
    assert client.get("/programmes/dalian/settling-in-allowance/").status_code == 404
    assert client.get("/programmes/qingdao/nothing/eligibility/").status_code == 404


def test_the_list_costs_the_same_however_long(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page = reverse("programmes:list")
    codes(client)  # the rules are parsed once in a process
    with django_assert_max_num_queries(6) as whole:
        assert len(client.get(page).context["cards"]) == 24
    with django_assert_max_num_queries(6) as narrowed:
        assert len(client.get(page, {"words": "安家费"}).context["cards"]) == 1
    assert len(whole) == len(narrowed)


def test_a_city_has_its_own_programmes_bureaus_and_documents(client: Client) -> None:
    for city in ("qingdao", "dalian"):
        own = Programme.objects.filter(city=city)
        assert set(codes(client, city=city)) == {one.code for one in own}
        page = client.get(reverse("programmes:list"), {"city": city})
        fields = page.context["search"].fields
        documents = [value for value, _label in fields["document"].widget.choices if value]
        assert documents == list(
            PolicyDocument.objects.filter(city=city).order_by("id").values_list("code", flat=True)
        )
        bureaus = [value for value, _label in fields["bureau"].widget.choices if value]
        assert {value.partition(":")[0] for value in bureaus} == {city}
    assert "dl-" not in " ".join(codes(client, bureau="qingdao:sti"))
    assert codes(client, city="qingdao", document="dl-emerging-industries") == []


def test_outcomes_and_types_of_case_narrow(client: Client) -> None:
    rules = [rules_of(version) for version in listed()]
    for kind in ("award", "voucher", "title", "status", "in_kind", "agreement"):
        assert set(codes(client, outcome=kind)) == {
            one.code for one in rules if one.outcome.kind == kind
        }
    assert set(codes(client, case_type="nomination")) == {
        one.code for one in rules if one.case_type == "nomination"
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_words_are_found_in_either_language(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    assert codes(client, words="Innovation vouchers") == codes(client, words="innovation VOUCHERS")
    assert "innovation-voucher-qd" in codes(client, words="创新券 检验检测")
    assert "innovation-voucher-qd" in codes(client, words="innovation vouchers")


def test_what_is_not_printed_is_said(client: Client) -> None:
    client.cookies["django_language"] = "en"
    voucher = programme("innovation-voucher-qd")
    text = client.get(address(voucher)).content.decode()
    assert "Not printed in the document; configured by the city." in text
    assert "filing is closed until the city has set it" in text
    change_setting(
        city=voucher.city,
        programme=voucher,
        key="voucher_rate",
        value="50%",
        basis="青科规〔2026〕1号",
        actor=make_user(),
    )
    page = client.get(address(voucher)).context["page"]
    assert [(one.label, one.basis) for one in page.decided] == [
        ("Share of the cost met", "青科规〔2026〕1号")
    ]
    fund = client.get(address(programme("dl-guidance-fund"))).content.decode()
    assert "meeting the conditions entitles to nothing yet" in fund


def test_facts_and_options_stand_in_the_order_of_the_file() -> None:
    rules = rules_of(programme("national-project-team-award").current)
    assert list(rules.facts) == [
        "scheme", "national_project_number", "part", "national_funds_received", "team",
    ]  # fmt: skip
    assert list(rules.facts["scheme"].of) == ["major", "key", "other"]
    assert list(rules.facts["team"].columns) == ["name", "id_number", "share"]
