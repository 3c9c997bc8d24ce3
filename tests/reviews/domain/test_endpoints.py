import pytest

from applicants.domain import deliveries
from applicants.domain.crypto import decrypt
from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.notices import notify
from applicants.models import Delivery, Endpoint, Event
from reviews.domain import endpoints
from reviews.models.staff import Role
from tests.factories import make_staff, make_user, qingdao

pytestmark = pytest.mark.django_db
URL = "https://gateway.example.gov.cn/sms"


def made(**more: object) -> tuple[Endpoint, str]:
    values = {"city": qingdao(), "channel": "sms", "url": URL, "kinds": []}
    return endpoints.set_up(**(values | {"user": make_staff(Role.SYSTEM)} | more))  # type: ignore[arg-type]


def test_the_secret_is_told_once_and_kept_sealed() -> None:
    endpoint, secret = made()
    assert secret.encode() not in bytes(endpoint.secret_encrypted)
    assert decrypt(endpoint.secret_encrypted, purpose=deliveries.SECRET).decode() == secret
    event = Event.objects.get(kind="endpoint.set_up")
    assert secret not in str(event.data)
    renewed = endpoints.renew_secret(endpoint_id=endpoint.pk, user=make_staff(Role.SYSTEM))
    endpoint.refresh_from_db()
    assert decrypt(endpoint.secret_encrypted, purpose=deliveries.SECRET).decode() == renewed
    assert renewed != secret


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://gateway.example.gov.cn/"}, "url"),
        ({"url": "https://" + "a" * 400}, "url"),
        ({"channel": "fax"}, "channel"),
        ({"kinds": ["moon.eclipsed"]}, "kinds"),
    ],
)
def test_what_is_refused(given: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        made(**given)
    assert list(refused.value.message_dict) == [field]
    assert Endpoint.objects.count() == 0


@pytest.mark.parametrize("role", [Role.POLICY_EDITOR, Role.AUDITOR, Role.SECURITY])
def test_only_the_city_s_system_administrator(role: Role) -> None:
    endpoint, _secret = made()
    for user in (make_staff(role), make_staff(Role.SYSTEM, city="dalian")):
        for step in (
            lambda user=user: made(user=user),
            lambda user=user: endpoints.renew_secret(endpoint_id=endpoint.pk, user=user),
            lambda user=user: endpoints.switch(endpoint_id=endpoint.pk, on=False, user=user),
        ):
            with pytest.raises(NotAllowed):
                step()


def test_switched_off_what_waits_is_given_up() -> None:
    endpoint, _secret = made(channel="webhook")
    user = make_staff(Role.SYSTEM)
    notify(user=make_user(), kind="case.accepted", key="k", data={}, city=qingdao())
    assert Delivery.objects.count() == 1
    endpoints.switch(endpoint_id=endpoint.pk, on=False, user=user)
    endpoints.switch(endpoint_id=endpoint.pk, on=True, user=user)
    assert deliveries.send_waiting() == 0
    assert Delivery.objects.get().last_error == "the endpoint was switched off"
