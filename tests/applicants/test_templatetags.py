from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation


def shown(template: str, **context: object) -> str:
    return Template("{% load huiqi %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("language", "amount", "said"),
    [
        ("zh-hans", Decimal("1234567"), "1,234,567.00 元"),
        ("en", Decimal("1234567.5"), "CNY 1,234,567.50"),
        ("zh-hans", "0", "0.00 元"),
        ("en", Decimal("-3.10"), "CNY -3.10"),
        ("zh-hans", None, "—"),
        ("zh-hans", "", "—"),
    ],
)
def test_yuan(language: str, amount: object, said: str) -> None:
    with translation.override(language):
        assert shown("{{ amount|yuan }}", amount=amount) == said


class Titled:
    title_zh, title_en = "惠企", "Huiqi"


class Untranslated:
    title_zh, title_en = "惠企", ""


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "惠企"), ("en", "Huiqi")])
def test_data_in_both_languages(language: str, said: str) -> None:
    pair = {"zh": "惠企", "en": "Huiqi"}
    with translation.override(language):
        assert shown('{{ thing|localised:"title" }}', thing=Titled()) == said
        assert shown('{{ thing|localised:"title" }}', thing={"title": pair}) == said
        assert shown("{% localised pair %}", pair=pair) == said


def test_what_has_no_english_is_shown_in_chinese() -> None:
    with translation.override("en"):
        assert shown('{{ thing|localised:"title" }}', thing=Untranslated()) == "惠企"


def test_a_moment_is_told_in_the_time_of_the_office() -> None:
    with translation.override("en"):
        new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
        assert shown("{{ at|moment }}", at=new_year) == "1 January 2027, 00:00"
