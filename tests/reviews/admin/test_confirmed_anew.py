"""Money leaves only on the word of somebody who has just shown to be there."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from django.utils import timezone

from applicants.models import User
from incentives.domain import year_close
from incentives.models import PayoutBatch
from reviews.models.staff import Role
from tests.confirmed import confirm
from tests.factories import PASSWORD, make_staff
from tests.incentives.factories import make_award, make_budget, make_user, qingdao
from tests.reviews.admin.conftest import Desk
from tests.reviews.admin.test_payouts import page, prepared, step

MONEY = "/admin/incentives"
CLOSE = (f"{MONEY}/yearclose/0/change/", "")
WRITE_OFF = (f"{MONEY}/recovery/0/change/", "write_off")
REVERSAL = (f"{MONEY}/openingreversal/0/change/", "approve")
EXCESS = (f"{MONEY}/capexcess/0/change/", "approve")
APPROVE = (f"{MONEY}/payoutbatch/0/step/approve/", "")
EXPORT = (f"{MONEY}/payoutbatch/0/step/export/", "")


@pytest.fixture
def approver(db: None) -> User:
    return make_staff(Role.FINANCE_APPROVER, "finance")


@pytest.fixture
def browser(approver: User) -> Client:
    """Signed in a while ago."""
    client = Client()
    client.force_login(approver)
    return client


@pytest.fixture
def batch(desk: Desk) -> PayoutBatch:
    make_award("10")
    return prepared(desk(make_staff(Role.FINANCE_PREPARER, "finance")))


def state(batch: PayoutBatch) -> str:
    batch.refresh_from_db()
    return batch.state


def test_the_password_is_asked_and_the_step_goes_on_by_itself(
    browser: Client, batch: PayoutBatch
) -> None:
    asked = browser.post(step(batch, "approve"))
    where = f"/accounts/reauthenticate/?next={step(batch, 'approve')}"
    assert asked.headers["Location"].replace("%2F", "/") == where
    assert browser.get(where).status_code == 200
    given = {"next": step(batch, "approve")}
    wrong = browser.post("/accounts/reauthenticate/", given | {"password": "not mine at all"})
    assert (list(wrong.context["form"].errors), state(batch)) == (["password"], "prepared")
    right = browser.post("/accounts/reauthenticate/", given | {"password": PASSWORD})
    assert (right.headers["Location"], state(batch)) == (page(batch), "approved")
    browser.post(step(batch, "export"))  # within the same minutes nothing is asked
    assert state(batch) == "exported"


def test_a_second_factor_does_as_well(browser: Client, approver: User, batch: PayoutBatch) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(approver, secret)
    browser.post(step(batch, "approve"))
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    given = {"next": step(batch, "approve"), "code": code}
    assert browser.post("/accounts/2fa/reauthenticate/", given).status_code == 302
    assert state(batch) == "approved"


def test_another_step_than_the_one_that_waits_is_not_carried_out(
    browser: Client, batch: PayoutBatch
) -> None:
    browser.post(step(batch, "approve"))
    given = {"next": page(batch), "password": PASSWORD}
    assert browser.post("/accounts/reauthenticate/", given).headers["Location"] == page(batch)
    assert state(batch) == "prepared"


def test_a_page_opened_from_a_filtered_list_is_carried_out_too(
    browser: Client, approver: User
) -> None:
    last = timezone.localdate().year - 1
    make_budget("10.00", year=last)
    close = year_close.prepare(city=qingdao(), year=last, user=make_user())
    opened = f"{MONEY}/yearclose/{close.pk}/change/"
    form = browser.get(f"{opened}?_changelist_filters=city%3Dqingdao").content.decode()
    posts_to = re.search(r'<form method="post" action="([^"]+)">', form)[1]
    asked = browser.post(posts_to)
    where = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
    browser.post("/accounts/reauthenticate/", {"next": where, "password": PASSWORD})
    close.refresh_from_db()
    assert close.closed_by == approver


@pytest.mark.parametrize(("age", "asked"), [(-10, False), (10, True)])
def test_it_counts_for_some_minutes(
    browser: Client, approver: User, batch: PayoutBatch, age: int, asked: bool
) -> None:
    given = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - age
    confirm(browser, approver, at=given)
    answer = browser.post(step(batch, "approve"))
    assert ("/reauthenticate/" in answer.headers["Location"]) is asked
    assert state(batch) == ("prepared" if asked else "approved")


@pytest.mark.parametrize(("path", "name"), [CLOSE, WRITE_OFF, REVERSAL, EXCESS, APPROVE, EXPORT])
def test_each_door_of_money_asks(browser: Client, approver: User, path: str, name: str) -> None:
    asked = browser.post(path, {"step": name})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    confirm(browser, approver)
    assert browser.post(path, {"step": name}).status_code == 404  # past the door; there is none


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (WRITE_OFF[0], "enter"),
        (WRITE_OFF[0], "cancel"),
        (EXCESS[0], "decline"),
        (REVERSAL[0], "drop"),
        (f"{MONEY}/payoutbatch/0/step/cancel/", ""),
    ],
)
def test_what_pays_nothing_asks_nothing(browser: Client, path: str, name: str) -> None:
    assert browser.post(path, {"step": name}).status_code == 404


@pytest.mark.parametrize("door", ["approve", "export"])
def test_a_session_is_asked_through_the_api_too(
    browser: Client, approver: User, batch: PayoutBatch, door: str
) -> None:
    address = f"/api/batches/{batch.pk}/{door}/"
    refused = browser.post(address, {}, content_type="application/json")
    assert refused.json()["errors"][0]["code"] == "reauthentication_required"
    assert (refused.status_code, state(batch)) == (403, "prepared")
    confirm(browser, approver)
    after = browser.post(address, {}, content_type="application/json")
    assert after.status_code == (200 if door == "approve" else 409), after.content
