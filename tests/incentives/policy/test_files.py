"""A wrong file is refused with its line and with what to write instead."""

from pathlib import Path

import pytest

from incentives.policy import FileError, load_folder, load_programme, read_yaml

GOOD = """\
code: test-award
city: qingdao
case_type: award
title: {zh: 奖励, en: award}
summary: {zh: 奖励, en: award}
verb: 奖励
source: {document: qd-new-industries, section: 三(一), quote: 给予奖励}
in_force: unset
bureaus: {printed: [sti, finance], handling: sti}
roles: {applicant: [enterprise]}
facts:
  level:
    type: choice
    of: {national: {zh: 国家级, en: national}, city: {zh: 市级, en: city}}
    label: {zh: 级别, en: level}
  funds: {type: money, label: {zh: 经费, en: funds}}
conditions:
  - {fact: level, in: [national, city]}
amount:
  - {id: team, rate_of: funds, rate: {between: [3%, 5%]}, at_most: '@most'}
caps:
  - {id: project, label: {zh: 上限, en: cap}, limit: 300000, per: [applicant], period: '@span',
     printed: true}
parameters:
  most: {type: money, value: 300000, label: {zh: 最高, en: most}}
assumptions:
  span:
    {reading: life, otherwise: [year], question: {zh: 何, en: which}, because: {zh: 故, en: so}}
examples:
  - {title: {zh: 例, en: example}, facts: {level: city, funds: 100}, choices: {rate: 5%},
     amount: 5}
"""


def load(tmp_path: Path, text: str, name: str = "test-award") -> list[tuple[int, str, str, str]]:
    """The faults of a file: line, place, what is wrong, what to write."""
    folder = tmp_path / "qingdao"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_programme(path)
    except FileError as error:
        return [(p.line, p.where, p.problem.en, p.expected.en) for p in error.problems]
    return []


def test_a_good_file_loads(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == []


CASES = [
    ("code: test-award\n", "", (1, "code", "'code' is missing", "add code:")),
    (
        "verb: 奖励",
        "verb: ''",
        (6, "verb", "nothing is written", "write a text"),
    ),
    (
        "verb:",
        "verbs:",
        (6, "verbs", "'verbs' is not known here", "check the spelling, or drop it"),
    ),
    (
        "city: qingdao",
        "city: dalian",
        (
            2,
            "city",
            "'dalian' does not match where the file stands",
            "write city: qingdao, or move the file",
        ),
    ),
    (
        "handling: sti",
        "handling: ''",
        (
            9,
            "bureaus.handling",
            "the name has the wrong form",
            "begin with a lower-case letter; use lower-case letters, digits and _ (in codes -)",
        ),
    ),
    (
        "finance], handling",
        "finance], groups: [[sti]], handling",
        (
            9,
            "bureaus.groups",
            "the groups are not the printed list",
            "split exactly the printed list, in its order",
        ),
    ),
    (
        "applicant: [enterprise]",
        "applicant: enterprise",
        (10, "roles.applicant", "this is no list", "write a list [a, b]"),
    ),
    (
        "applicant: [enterprise]",
        "applicant: [company]",
        (
            10,
            "roles.applicant.0",
            "'company' is not allowed",
            (
                "write 'enterprise', 'university', 'research_institute', 'fund', "
                "'district_government', 'intermediary', 'social_organisation' or 'person'"
            ),
        ),
    ),
    (
        "[enterprise]}",
        "[enterprise], payee: members}",
        (
            10,
            "roles.payee",
            "payee: members and `members` go together",
            "write members: the roster fact listing the payees",
        ),
    ),
    (
        "[enterprise]}",
        "[enterprise], subject: level}",
        (10, "roles.subject", "fact 'level' is of type choice", "use one of type identifier, text"),
    ),
    (
        "type: money, label: {zh: 经费",
        "type: yuan, label: {zh: 经费",
        (
            16,
            "facts.funds",
            "this is not allowed",
            (
                "write 'money', 'integer', 'percent', 'date', 'year', 'boolean', 'text', "
                "'identifier', 'choice', 'roster'"
            ),
        ),
    ),
    (
        "{type: money, label: {zh: 经费",
        "{type: money, minimum: low, label: {zh: 经费",
        (
            16,
            "facts.funds.minimum",
            "'low' is not a number",
            "write yuan with at most two decimals, such as 8000000 or 8,000,000.00",
        ),
    ),
    (
        "{fact: level, in: [national, city]}",
        "{fact: level, in: [nation]}",
        (
            18,
            "conditions.0.in",
            "'nation' is no option of the fact",
            "write one of: national, city",
        ),
    ),
    (
        "{fact: level, in: [national, city]}",
        "{fact: levels, is: city}",
        (18, "conditions.0.fact", "there is no fact 'levels'", "write one of: level, funds"),
    ),
    (
        "{fact: level, in: [national, city]}",
        "{fact: level, above: city}",
        (
            18,
            "conditions.0.fact",
            "fact 'level' is of type choice",
            "use one of type integer, money, percent, year",
        ),
    ),
    (
        "{fact: level, in: [national, city]}",
        "{fact: funds, above: 1, below: 2}",
        (
            18,
            "conditions.0",
            "a test needs exactly one comparison",
            (
                "write one of is, in, at_least, above, at_most, below, on_or_after, on_or_before, "
                "within, at_least_ago; join several by all_of"
            ),
        ),
    ),
    (
        "{fact: level, in: [national, city]}",
        "{facts: level}",
        (
            18,
            "conditions.0",
            "this is no condition",
            "write one with all_of, any_of, not, held, not_held, first_time, fact",
        ),
    ),
    (
        "[3%, 5%]",
        "[5%, 3%]",
        (
            20,
            "amount.0.rate.between",
            "the lower bound 0.05 is not below 0.03",
            "write the smaller number first",
        ),
    ),
    ("[3%, 5%]", "[3, 5%]", (20, "amount.0.rate.between.0", "'3' has no % sign", "write 3%")),
    (
        "rate_of: funds",
        "rate_of: fund",
        (20, "amount.0.rate_of", "there is no fact 'fund'", "write one of: level, funds"),
    ),
    (
        "rate_of: funds",
        "rate_of: level",
        (20, "amount.0.rate_of", "fact 'level' is of type choice", "use one of type money"),
    ),
    (
        "{id: team, rate_of: funds",
        "{id: team, percent_of: funds",
        (
            20,
            "amount.0",
            "this is no amount",
            (
                "write a fact's name, a sum, or one of rate_of, match, per_head, sum_over, up_to, "
                "between, fixed, by_band, by, bands, sum_of, least_of, greatest_of, less, "
                "increase_of, already_granted, settle, fact"
            ),
        ),
    ),
    (
        "at_most: '@most'",
        "at_most: '@max'",
        (
            20,
            "amount.0.at_most",
            "there is no parameter or assumption 'max'",
            "add it under parameters; there are: most, span",
        ),
    ),
    (
        "at_most: '@most'",
        "at_most: 3",
        (
            25,
            "parameters.most",
            "nothing refers to parameter 'most'",
            "write '@most' where it counts, or drop it",
        ),
    ),
    (
        "at_most: '@most'",
        "at_most: @most",
        (
            20,
            "",
            "not YAML: found character '@' that cannot start any token",
            "check indents, colons and quotes; quote text that begins with @ or holds ': '",
        ),
    ),
    (
        "at_most: '@most'}",
        "at_most: '@most'}\n  - {up_to: 5, choose: rate}",
        (20, "amount.0", "choice 'rate' is used more than once", "give each its own name"),
    ),
    (
        "at_most: '@most'",
        "at_most: {by: level, table: {city: 1}}",
        (
            20,
            "amount.0.at_most.table",
            "the keys are not the fact's options (missing: national; in excess: -)",
            "write exactly: national, city",
        ),
    ),
    (
        "type: money, value: 300000",
        "type: rate, value: 30%",
        (20, "amount.0.at_most", "@most is of type rate", "use a parameter of type money"),
    ),
    (
        "value: 300000",
        "value: 3.001",
        (
            25,
            "parameters.most",
            "'3.001' has more than two decimals",
            "write yuan with at most two decimals, such as 8000000 or 8,000,000.00",
        ),
    ),
    (
        "per: [applicant]",
        "per: [firm]",
        (22, "caps.0.per.0", "there is no fact 'firm'", "write one of: level, funds"),
    ),
    (
        "per: [applicant]",
        "per: [subject]",
        (
            22,
            "caps.0.per.0",
            "the programme has no subject",
            "write roles.subject: the fact naming it",
        ),
    ),
    ("per: [applicant]", "per: [applicant], unit: awards", None),
    (
        "limit: 300000, per: [applicant]",
        "limit: 0, unit: awards, per: [applicant]",
        (22, "caps.0.limit", "0.00 is no count of awards", "write a whole number from 1"),
    ),
    (
        "otherwise: [year]",
        "otherwise: [month]",
        (22, "caps.0.period", "'month' is no period", "write life or year"),
    ),
    (
        "choices: {rate: 5%},\n     amount: 5",
        "choices: {rate: 5%}",
        (
            30,
            "examples.0",
            "the example expects nothing",
            "write amount, minimum and maximum, granted, or decision",
        ),
    ),
    (
        "amount: 5}",
        "amount: 5, after: {unit: 3}}",
        (30, "examples.0", "there is no cap 'unit'", "write one of: project"),
    ),
    (
        "title: {zh: 奖励, en: award}",
        "title: {zh: 奖励, 补助, en: award}",
        (
            4,
            "title.补助",
            "'补助' stands alone, without a value",
            "if it ends the text before it, quote that text",
        ),
    ),
    (
        "verb: 奖励",
        "verb: 奖励\nverb: 补助",
        (7, "", "key 'verb' is repeated or not a word", "write each key once"),
    ),
    (
        "  level:\n",
        "  applicant_kind:\n",
        (
            12,
            "facts.applicant_kind",
            "'applicant_kind' is a reserved name",
            "give the fact another name",
        ),
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "fault"), CASES, ids=[f"{n}-{c[1][:40]}" for n, c in enumerate(CASES)]
)
def test_a_fault_is_told_with_its_line_and_its_remedy(
    tmp_path: Path, old: str, new: str, fault: tuple[int, str, str, str] | None
) -> None:
    assert old in GOOD
    found = load(tmp_path, GOOD.replace(old, new, 1))
    assert fault in found if fault else found == []


def test_every_fault_of_a_file_is_told_in_the_order_of_its_lines(tmp_path: Path) -> None:
    text = (
        GOOD.replace("verb: 奖励\n", "")
        .replace("[3%, 5%]", "[5%, 3%]")
        .replace("printed: true", "printed: so")
    )
    assert [(line, where) for line, where, _, _ in load(tmp_path, text)] == [
        (1, "verb"),
        (19, "amount.0.rate.between"),
        (22, "caps.0.printed"),
    ]


def test_the_message_reads_file_line_place_fault_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("code: 5", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        load_programme(path)
    assert str(caught.value.problems[-1]) == (
        f"{path}:1: examples: 'examples' is missing; add examples:"
    )


def test_scalars_stay_text_and_anchors_may_be_reused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "on: 2021-06-01\nrate: 0.05\nno: &x {a: on, b: 1e3}\nsame: *x\nmore: {<<: *x, b: ~}\n",
        encoding="utf-8",
    )
    found = read_yaml(path)
    assert found.data == {
        "on": "2021-06-01",
        "rate": "0.05",
        "no": {"a": "on", "b": "1e3"},
        "same": {"a": "on", "b": "1e3"},
        "more": {"a": "on", "b": "~"},
    }
    assert (found.lines[("rate",)], found.lines[("more", "b")]) == (2, 5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x\n  b: *x\n", "an alias holds itself, or the file is too large"),
        ("a: {<<: [1]}\n", "what follows << is no mapping"),
        ("a: [1\n", "not YAML: expected ',' or ']', but got '<stream end>'"),
    ],
)
def test_yaml_that_cannot_be_read(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_yaml(path)
    assert [p.problem.en for p in caught.value.problems] == [problem]


def test_aliases_cannot_blow_a_file_up(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    levels = ["a0: &a0 [x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)
    ]
    path.write_text("\n".join(levels), encoding="utf-8")
    with pytest.raises(FileError, match="too large"):
        read_yaml(path)


def test_a_file_that_is_not_there_or_not_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "gb.yaml").write_bytes("标题: 奖励".encode("gb18030"))
    with pytest.raises(FileError, match="give a readable file in UTF-8"):
        read_yaml(tmp_path / "gb.yaml")


def test_a_folder_tells_the_faults_of_all_its_files(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    load(tmp_path, GOOD.replace("test-award", "second").replace("verb: 奖励\n", ""), "second")
    load(
        tmp_path,
        GOOD.replace("test-award", "third").replace("rate_of: funds", "rate_of: fund"),
        "third",
    )
    with pytest.raises(FileError) as caught:
        load_folder(tmp_path / "qingdao")
    assert [(Path(p.file).stem, p.where) for p in caught.value.problems] == [
        ("second", "verb"),
        ("third", "amount.0.rate_of"),
    ]
    for name in ("second", "third"):
        (tmp_path / "qingdao" / f"{name}.yaml").unlink()
    assert list(load_folder(tmp_path / "qingdao")) == ["test-award"]
