"""Files written before the language grew keep their digest and their assessments, byte for byte.

The figures were taken with the first version of the language; they are no matter of opinion now.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from incentives.policy import InputError, Programme, assess, digest, dumps, load_programme, render

FILES = Path(__file__).parent / "version1" / "qingdao"
TAKEN = {
    "enterprise-tech-centre-award": (
        "4ea7230599f844e3272dcd55fa074333d086203719b30be51077c0b63586f21f",
        "370f0478e72c82f03a8f9967b071ea08ed712eece24717581409d591ddab6461",
    ),
    "national-project-team-award": (
        "28af466343742607a6b9d7bbe73da0701c12f681d5829a77bdd858bfe98fa129",
        "ddfc958061eb4004a6fe075d7e5b18aec94179998da95d50677d5252493ee173",
    ),
    "skills-training-subsidy": (
        "33b55dcf4ecf587eea083f01bbb17a11be937b1b7bf245eb3f731e9ba1cf5a23",
        "8a76889bbdc81da688bbd5634e8d13a7a5e2078a839c69f0873f5d2cf848a9e0",
    ),
    "vc-local-investment-award": (
        "1af3f551bc17bcdcb6b92745779be0c3835b6deda6d1e03e954079c497068ae3",
        "1dd216485d335e3a1d0cd266443d14ee646c4394980551a883231517258b0fa2",
    ),
}


def lines(programme: Programme) -> Iterator[str]:
    """Each example as it stands, with nothing known, and with nothing chosen."""
    for example in programme.examples:
        for facts, choices in ((example.facts, example.choices), ({}, {}), (example.facts, {})):
            try:
                found = assess(programme, example.day, facts, choices, example.settings)
                yield dumps(render(found))
            except InputError as error:
                yield str(error)


@pytest.mark.parametrize("code", TAKEN)
def test_an_old_file_keeps_its_digest_and_its_assessments(code: str) -> None:
    programme = load_programme(FILES / f"{code}.yaml")
    rendered = sha256("\n".join(lines(programme)).encode()).hexdigest()
    assert (digest(programme), rendered) == TAKEN[code]
