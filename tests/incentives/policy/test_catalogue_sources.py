"""What a programme says of its clause is what stands in the document: section, bureaus, duty."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from incentives import policy
from incentives.policy import Programme, load_programme

CATALOGUE = Path(policy.__file__).parent.parent / "catalogue"
FILES = sorted(CATALOGUE.glob("*/*.yaml"))
PRINT_NO_BUREAUS = {"qd-sti-plan", "qd-manufacturing-plan"}
NUMERAL = "[一二三四五六七八九十]+"
CHAPTER = re.compile(rf"\s*({NUMERAL})、|\s*第({NUMERAL})章")
PART = re.compile(rf"\s*\(({NUMERAL})\)")
SECTION = re.compile(rf"({NUMERAL})(?:\(({NUMERAL})\))?")
REFERENCE = re.compile(rf"《([^》]+)》({NUMERAL})（({NUMERAL})）")
DUTY = re.compile(r"责任单位:(.*?)\)")
SHARED = "按职责分工推进"

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def load(path: Path) -> Programme:
    return load_programme(path)


class Line(NamedTuple):
    text: str
    section: tuple[str | None, str | None]


@cache
def printed_lines(document: str) -> list[Line]:
    """Each line without its spaces, with the chapter and the part of it that it stands in."""
    found: list[Line] = []
    chapter: str | None = None
    part: str | None = None
    for line in (CATALOGUE / "sources" / f"{document}.txt").read_text("utf-8").splitlines():
        if match := CHAPTER.match(line):
            chapter, part = match[1] or match[2], None
        elif match := PART.match(line):
            part = match[1]
        found.append(Line("".join(line.split()), (chapter, part)))
    return found


def named_section(programme: Programme) -> tuple[str | None, str | None]:
    match = SECTION.match(programme.source.section)
    assert match, f"no section: {programme.source.section}"
    return match[1], match[2]


def standing_in(programme: Programme, quote: str) -> int | None:
    """The line of the named section that holds the quote."""
    sought, section = "".join(quote.split()), named_section(programme)
    lines = printed_lines(programme.source.document)
    at = (n for n, line in enumerate(lines) if sought in line.text and line.section == section)
    return next(at, None)


def duty_after(programme: Programme) -> str:
    """The bracket of responsible bureaus that closes the paragraph of the quote."""
    quote = "".join(programme.source.quotes[0].split())
    start = standing_in(programme, quote)
    assert start is not None
    lines = printed_lines(programme.source.document)
    text = "".join(line.text for line in lines[start:])
    match = DUTY.search(text, text.index(quote))
    assert match, "no bracket of responsible bureaus after the quote"
    return match[1]


@cache
def bureau_codes() -> dict[tuple[str, str], str]:
    rows = policy.read_yaml(CATALOGUE / "bureaus.yaml").data
    return {(row["city"], row["name"]["zh"]): row["code"] for row in rows}


def codes(city: str, names: str) -> tuple[str, ...]:
    return tuple(bureau_codes()[city, name] for name in names.split("、"))


def test_every_measure_of_the_five_documents_has_a_file() -> None:
    assert Counter(load(path).source.document for path in FILES) == {
        "qd-new-industries": 59,
        "qd-sti-plan": 62,
        "qd-manufacturing-plan": 39,
        "qd-new-economy": 58,
        "dl-emerging-industries": 34,
    }


@each_file
def test_every_quote_stands_in_the_section_that_is_named(path: Path) -> None:
    programme = load(path)
    assert [q for q in programme.source.quotes if standing_in(programme, q) is None] == []


@each_file
def test_the_responsible_bureaus_are_those_printed_in_the_printed_order(path: Path) -> None:
    programme = load(path)
    bureaus = programme.bureaus
    if programme.source.document in PRINT_NO_BUREAUS:
        assert (bureaus.printed, bureaus.shared_duty, bureaus.groups) == ((), False, ())
        return
    duty = duty_after(programme)
    names = duty.removesuffix(SHARED)
    groups = tuple(codes(programme.city, part) for part in names.split(","))
    assert (bureaus.printed, bureaus.shared_duty, bureaus.groups) == (
        tuple(code for group in groups for code in group),
        duty.endswith(SHARED),
        groups if len(groups) > 1 else (),
    )


@each_file
def test_a_printed_bureau_handles_and_it_is_not_the_one_that_pays(path: Path) -> None:
    bureaus = load(path).bureaus
    assert bureaus.handling != "finance"
    assert not bureaus.printed or bureaus.handling in bureaus.printed


def test_a_reference_to_another_document_names_a_section_with_measures() -> None:
    titles = {
        row["title"]["zh"]: row["code"]
        for row in policy.read_yaml(CATALOGUE / "documents.yaml").data
    }
    sections = {(load(path).source.document, *named_section(load(path))) for path in FILES}
    named = [
        (path.stem, (titles.get(title), chapter, part))
        for path in FILES
        for title, chapter, part in REFERENCE.findall(path.read_text("utf-8"))
    ]
    assert len(named) > 10
    assert [reference for reference in named if reference[1] not in sections] == []


def test_a_quote_moved_to_another_section_is_found_out() -> None:
    programme = load(CATALOGUE / "qingdao" / "r-visa.yaml")
    moved = programme.source.model_copy(update={"section": "八(二)"})
    quote = programme.source.quotes[0]
    assert standing_in(programme, quote) is not None
    assert standing_in(programme.model_copy(update={"source": moved}), quote) is None
