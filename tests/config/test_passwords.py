import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("Kurz-7x", ["This password is too short; write at least 10 characters."]),
        ("password123", ["This password is too common."]),
        ("83620174652093", ["This password is entirely numeric."]),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, told: list[str]) -> None:
    with override("en"), pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert refused.value.messages == told


def test_a_long_password_is_taken() -> None:
    validate_password("granite-orchard-51")
