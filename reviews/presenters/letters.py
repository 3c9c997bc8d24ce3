"""A decision letter as PDF: letterhead, number, text, seal, and the code that it is verified by."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime, time
from struct import unpack
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from reviews.domain.letters import digest
from reviews.models import Letter
from reviews.presenters.pdf import set_type
from reviews.presenters.qr import qr_svg

CHINESE = "zh-hans"
NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Paper:
    """What a letter's paper shows; `seal` is an SVG, empty where the bureau has set none."""

    bureau: str
    number: str
    title: str
    addressee: str
    lines: tuple[str, ...]
    date: str
    seal: str
    verify: str
    code: str
    digest: str


def paper(letter: Letter) -> Paper:
    """`letter` with its bureau and seal. The first line of the text is its addressee."""
    addressee, *lines = letter.body.splitlines() or [""]
    link = urljoin(settings.SITE_URL, reverse("reviews:verify", args=[letter.token]))
    return Paper(
        bureau=letter.bureau.full_name,
        number=letter.number,
        title=letter.title,
        addressee=addressee,
        lines=tuple(lines),
        date=in_numerals(letter.issued_on),
        seal=seal_svg(bytes(letter.seal.image)) if letter.seal and letter.seal.image else "",
        verify=link,
        code=qr_svg(link),
        digest=digest(letter),
    )


def as_pdf(letter: Letter) -> bytes:
    """In Chinese whoever reads it; the same bytes for as long as the site keeps its address."""
    at = timezone.make_aware(datetime.combine(letter.issued_on, time()))
    shown = paper(letter)
    with override(CHINESE):
        return set_type("letter", shown.__dict__, title=f"{letter.title} {letter.number}", at=at)


def file_name(letter: Letter) -> str:
    return f"letter-{letter.pk}"


def in_numerals(day: date) -> str:
    """二〇二六年十一月二十二日, as official papers are dated."""
    year = "".join(NUMERALS[int(digit)] for digit in str(day.year))
    return f"{year}年{_counted(day.month)}月{_counted(day.day)}日"


def _counted(number: int) -> str:
    """1 to 31."""
    tens, ones = divmod(number, 10)
    ten = ("" if tens == 1 else NUMERALS[tens]) + "十" if tens else ""
    return ten + (NUMERALS[ones] if ones else "")


def seal_svg(image: bytes) -> str:
    """The uploaded PNG, as a picture that a template can take as text."""
    width, height = unpack(">II", image[16:24])
    picture = b64encode(image).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{picture}"/></svg>'
    )
