"""A sample seal for the demo's letters, marked 演示 so that nobody takes it for a real one."""

import typst
from django.core.files.uploadedfile import SimpleUploadedFile

from applicants.models import User
from incentives.models import Bureau, Programme
from reviews.demo import people
from reviews.domain.seals import seals_of, set_seal
from reviews.models.staff import Role
from reviews.presenters.pdf import TEMPLATES, fonts

BASIS = "演示：样章，不具效力"
DOTS_AN_INCH = 150


def make_seals() -> None:
    """For the bureaus that handle a programme, once."""
    for city in people.CITIES:
        administrator = User.objects.get(email=people.office_address(Role.SYSTEM, city))
        handling = Programme.objects.filter(city=city).values("handling_bureau")
        for bureau in Bureau.objects.filter(pk__in=handling).select_related("city"):
            if not seals_of(bureau).exists():
                image = SimpleUploadedFile("seal.png", sample(bureau.full_name))
                set_seal(bureau=bureau, image=image, basis=BASIS, user=administrator)


def sample(name: str) -> bytes:
    """A PNG with a transparent ground."""
    return typst.compile(
        str(TEMPLATES / "sample_seal.typ"),
        root=str(TEMPLATES),
        font_paths=fonts(),
        sys_inputs={"name": name},
        format="png",
        ppi=DOTS_AN_INCH,
    )
