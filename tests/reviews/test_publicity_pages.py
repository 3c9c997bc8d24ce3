"""The public lists: totals by programme, and nothing of a person but a masked name."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applicants.templatetags.huiqi import yuan
from reviews.domain import publicity
from reviews.models import PublicityNotice
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, award_of

PERSONAL = "settling-in-allowance"

pytestmark = pytest.mark.django_db


def test_a_notice_tells_its_totals_by_programme(client: Client) -> None:
    codes = ("tech-sme-rd-reward", "tech-sme-rd-reward", "hitech-first-recognition-award")
    casts = [Cast(code) for code in codes]
    cases = [factories.checked(cast) for cast in casts]
    user = casts[0].of("sti", Role.PREPARER)
    for cast in casts:
        cast.free(user)
    notice = publicity.publish(case_ids=[case.pk for case in cases], user=user)
    page = client.get(reverse("reviews:publicity_notice", args=[notice.number]))
    sums = [award_of(case).amount for case in cases]
    assert [(one.count, one.total) for one in page.context["programmes"]] == [
        (2, sums[0] + sums[1]),
        (1, sums[2]),
    ]
    assert yuan(sums[0] + sums[1]) in page.content.decode()


def test_of_a_person_only_a_masked_name_is_public_then_and_in_the_archive(client: Client) -> None:
    cast = Cast(PERSONAL, kind="person")
    factories.published(cast)
    notice = PublicityNotice.objects.get()
    hidden = (cast.party.name, cast.clerk.email)
    pages = [
        reverse("reviews:publicity_notice", args=[notice.number]),
        f"{reverse('reviews:publicity')}?year={notice.starts_on.year}",
    ]
    read = [client.get(page).content.decode() for page in pages]
    later = notice.ends_on + timedelta(days=400)
    with time_machine.travel(f"{later}T09:00:00+08:00", tick=False):
        read += [client.get(page).content.decode() for page in pages]
    assert ["测***" in page for page in read] == [True, False, True, False]
    assert [one for page in read for one in hidden if one in page] == []
    assert notice.number in read[3]
