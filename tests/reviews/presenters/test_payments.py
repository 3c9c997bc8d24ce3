"""How far an award is paid, told with as many queries however many payees it has."""

from datetime import UTC, datetime

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from incentives.domain import money
from reviews.models import Application
from reviews.presenters.payments import tell_award
from tests.incentives.domain.test_payouts import exported
from tests.incentives.factories import make_account, make_award, make_party, make_user


def asked_of_returned(payees: int) -> int:
    shares = [(make_party(), "10.00") for _ in range(payees)]
    for party, _share in shares:
        make_account(party)
    award = make_award(str(10 * payees), payees=shares)
    for line in exported().lines.all():
        with transaction.atomic():
            given = {"result": "returned", "at": timezone.now(), "actor": make_user()}
            money.settle_line(line=line, note="户名不符", **given)
    case = Application(number=award.case_number, city_id="qingdao")
    with CaptureQueriesContext(connection) as queries:
        told = tell_award(case)
    assert [part.tag for part in told.instalments] == ["bad"] * payees
    return len(queries)


def test_payments_that_came_back_ask_as_often_however_many_there_are(db: None) -> None:
    assert asked_of_returned(1) == asked_of_returned(4)


def test_the_day_of_a_payment_is_shanghais(db: None) -> None:
    award = make_award("10.00")
    evening = {"result": "paid", "at": datetime(2026, 3, 1, 20, tzinfo=UTC), "actor": make_user()}
    for line in exported().lines.all():
        with transaction.atomic():
            money.settle_line(line=line, note="", **evening)
    with translation.override("zh-hans"):
        [part] = tell_award(Application(number=award.case_number, city_id="qingdao")).instalments
    assert "2026年3月2日" in part.words
