import pytest

from applicants.domain.errors import Refused
from applicants.domain.identifiers import USCC_ALPHABET, read_identity_number, read_uscc

CODE = "91110000600037341L"  # the example of python-stdnum's documentation
NUMBER = "37020219900101004X"


def refused_fields(read, text: str) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read(text)
    return list(refusal.value.message_dict)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        "９１１１００００６０００３７３４１Ｌ",
        " 9111 0000 6000 3734 1L\u3000",
        "91110000-600037341L",
        "\u200b" + CODE,
    ],
)
def test_a_code_is_kept_in_one_form_however_it_is_typed(typed: str) -> None:
    assert read_uscc(typed) == CODE


def test_every_wrong_single_character_of_a_code_is_refused() -> None:
    accepted = []
    for place, right in enumerate(CODE):
        for wrong in set(USCC_ALPHABET + "IOSVZ") - {right}:
            try:
                accepted.append(read_uscc(CODE[:place] + wrong + CODE[place + 1 :]))
            except Refused:
                continue
    assert accepted == []


def test_codes_of_bodies_that_are_no_companies_are_known_by_their_letters_too() -> None:
    assert read_uscc("N2370211MF0000001X"[:17] + check_digit("N2370211MF0000001"))[:2] == "N2"


def check_digit(body: str) -> str:
    weights = [pow(3, place, 31) for place in range(17)]
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, weights, strict=True))
    return USCC_ALPHABET[-total % 31]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("9111000060003734", "16"),
        (CODE + "1", "19"),
        ("", "0"),
        (CODE[:-1] + "O", "18"),
        ("9111000A600037341L", "8"),
        (CODE[:-1] + "M", "one of the 18 is mistyped"),
    ],
)
def test_a_refused_code_says_what_is_wrong(typed: str, told: str, english: None) -> None:
    with pytest.raises(Refused) as refusal:
        read_uscc(typed)
    assert told in refusal.value.message_dict["uscc"][0]


@pytest.mark.parametrize(
    "typed", [NUMBER, NUMBER.lower(), " 370202 19900101 004x ", "３７０２０２19900101004Ｘ"]
)
def test_an_identity_number_is_kept_in_one_form(typed: str) -> None:
    assert read_identity_number(typed) == NUMBER


def test_every_wrong_single_character_of_an_identity_number_is_refused() -> None:
    accepted = []
    for place, right in enumerate(NUMBER):
        for wrong in set("0123456789X") - {right}:
            try:
                accepted.append(read_identity_number(NUMBER[:place] + wrong + NUMBER[place + 1 :]))
            except Refused:
                continue
    assert accepted == []


@pytest.mark.parametrize(
    "typed",
    [
        "37020219900231001X",
        "370202299001010010",
        "37020218000101001X",
        "A7020219900101001X",
        "370202",
    ],
)
def test_what_cannot_be_an_identity_number_is_refused_beside_its_field(typed: str) -> None:
    assert refused_fields(read_identity_number, typed) == ["id_number"]
