"""Cases that end in an entry of a register, walked by the verbs."""

from typing import Any

from incentives.domain.programmes import rules_of
from incentives.domain.settings import change_setting
from incentives.models import RegisterEntry
from reviews.demo import walk
from reviews.models import Application
from tests import factories
from tests.factories import Cast

TITLE = "dl-champion-cultivation"  # 大连: 市级培育企业, with a level
SUPPORT = "dl-public-benefit-incubation"
VOUCHER = "innovation-voucher-qd"


def cast_of(code: str) -> tuple[Cast, dict[str, Any], dict[str, str]]:
    """People, facts and choices of the programme's own example; what it sets is set."""
    programme = factories.programme(code)
    cast = Cast(code, rules_of(programme.current).roles.applicant[0])
    facts, choices, settings = walk.example(programme)
    for key, value in (settings | {"publicity_days": 0}).items():
        change_setting(
            city=programme.city,
            programme=programme,
            key=key,
            value=value,
            basis="实施细则（测试）",
            actor=cast.clerk,
        )
    return cast, facts, choices


def determined(code: str) -> tuple[Cast, Application]:
    cast, facts, choices = cast_of(code)
    return cast, factories.determined(cast, facts, choices)


def published(code: str) -> tuple[Cast, Application]:
    cast, case = determined(code)
    if rules_of(case.version).outcome.pays:
        walk.check(case, cast.of)
    walk.publish(case, cast.of)
    return cast, factories.fresh(case)


def concluded(code: str) -> tuple[Cast, RegisterEntry]:
    cast, case = published(code)
    return cast, walk.conclude(case, cast.of)


def given(code: str) -> tuple[Cast, RegisterEntry]:
    """Of a programme whose holders are not made public first: entered at the determination."""
    cast, case = determined(code)
    return cast, RegisterEntry.objects.get(case_number=case.number)
