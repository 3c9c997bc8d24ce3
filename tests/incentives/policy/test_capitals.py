"""Sums in capital numerals: cases written by hand, and every sum read back by another hand."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.policy.capitals import MOST_FEN, in_capitals, yuan_in_capitals

WRITTEN = {
    "0": "零元整",
    "0.01": "壹分",
    "0.05": "伍分",
    "0.10": "壹角",
    "0.53": "伍角叁分",
    "1": "壹元整",
    "2.05": "贰元零伍分",
    "10": "壹拾元整",
    "10.50": "壹拾元零伍角",
    "11": "壹拾壹元整",
    "20.02": "贰拾元零贰分",
    "100": "壹佰元整",
    "101": "壹佰零壹元整",
    "110": "壹佰壹拾元整",
    "325.04": "叁佰贰拾伍元零肆分",
    "1000": "壹仟元整",
    "1001": "壹仟零壹元整",
    "1005.06": "壹仟零伍元零陆分",
    "1010": "壹仟零壹拾元整",
    "1100": "壹仟壹佰元整",
    "1409.50": "壹仟肆佰零玖元伍角",
    "1680.32": "壹仟陆佰捌拾元零叁角贰分",
    "6007.14": "陆仟零柒元壹角肆分",
    "10000": "壹万元整",
    "10001": "壹万零壹元整",
    "10010": "壹万零壹拾元整",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "100000": "壹拾万元整",
    "100100": "壹拾万零壹佰元整",
    "107000.53": "壹拾万柒仟元零伍角叁分",
    "1000000": "壹佰万元整",
    "1010101.01": "壹佰零壹万零壹佰零壹元零壹分",
    "10000000": "壹仟万元整",
    "10010000": "壹仟零壹万元整",
    "100000000": "壹亿元整",
    "100000001": "壹亿零壹元整",
    "100005000": "壹亿零伍仟元整",
    "100010000": "壹亿零壹万元整",
    "100200000": "壹亿零贰拾万元整",
    "105000000": "壹亿零伍佰万元整",
    "110000000": "壹亿壹仟万元整",
    "1000000000": "壹拾亿元整",
    "2000000005": "贰拾亿零伍元整",
    "100000000000": "壹仟亿元整",
    "1000000000000": "壹万亿元整",
    "1000000010000": "壹万亿零壹万元整",
    "1000100000000": "壹万零壹亿元整",
    "1234567890123.45": "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分",
    "9999999999999999.99": (
        "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"
    ),
}


@pytest.mark.parametrize(("yuan", "words"), WRITTEN.items())
def test_written_by_hand(yuan: str, words: str) -> None:
    assert yuan_in_capitals(Decimal(yuan)) == words


@pytest.mark.parametrize("fen", [-1, -100, MOST_FEN + 1])
def test_what_has_no_words_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        in_capitals(fen)


@pytest.mark.parametrize("yuan", ["0.001", "1.005"])
def test_parts_of_a_fen_are_refused(yuan: str) -> None:
    with pytest.raises(ValueError, match="whole fen"):
        yuan_in_capitals(Decimal(yuan))


def read_back(words: str) -> int:
    """Fen, by adding up from left to right: a way that knows nothing of how they were written."""
    worth = {c: place for place, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
    total, section, digit = 0, 0, 0
    for character in words:
        if character in worth:
            digit = worth[character]
        elif character in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[character]
            digit = 0
        elif character in "万亿元":
            section, digit = section + digit, 0
            if character == "亿":
                total, section = (total + section) * 10**8, 0
            elif character == "万":
                total, section = total + section * 10**4, 0
            else:
                total, section = (total + section) * 100, 0
        elif character in "角分":
            total, digit = total + digit * {"角": 10, "分": 1}[character], 0
    return total


def sums() -> st.SearchStrategy[int]:
    """Digits that are 0 as often as not, for it is the zeros that go wrong."""
    digit = st.one_of(st.just(0), st.integers(0, 9))
    return st.lists(digit, min_size=1, max_size=18).map(lambda ds: int("".join(map(str, ds))))


@given(sums())
def test_every_sum_reads_back(fen: int) -> None:
    words = in_capitals(fen)
    assert read_back(words) == fen
    assert not re.search("零零|^零[^元]|零[万亿元整]", words.replace("零元整", ""))
    assert words.endswith("整") == (fen % 100 == 0)


@given(sums(), sums())
def test_two_sums_never_read_alike(one: int, other: int) -> None:
    assert (in_capitals(one) == in_capitals(other)) == (one == other)


@given(sums())
def test_an_empty_place_between_digits_is_said(fen: int) -> None:
    """Without its 零 壹仟零壹 could be widened afterwards."""
    yuan = str(fen // 100)[::-1]
    groups = (yuan[start : start + 4] for start in range(0, len(yuan), 4))
    gaps = sum(bool(re.search("[1-9]0+[1-9]", group)) for group in groups)
    assert in_capitals(fen // 100 * 100).count("零") >= gaps
