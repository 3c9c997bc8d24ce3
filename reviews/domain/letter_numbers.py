"""Numbers of letters (文号): 青科受字〔2026〕3号, by city, year and bureau."""

from applicants.domain.numbering import next_number
from applicants.models import City
from incentives.models import Bureau
from reviews.domain import working_days
from reviews.domain.letter_wording import declared, declared_marks
from reviews.models.letter import LetterKind


def next_letter_number(*, city: City, bureau: Bureau, kind: LetterKind, mark: str) -> str:
    """`mark` as the bureau has set it, or empty for the usual one."""
    year = working_days.today().year
    serial = next_number(city=city, series=f"letters-{bureau.pk}", year=year)
    return f"{mark or usual_mark(bureau, city)}{declared(kind).word}字〔{year}〕{serial}号"


def usual_mark(bureau: Bureau, city: City) -> str:
    """The catalogue's mark (机关代字), else the bureau's name with its city's."""
    marks = declared_marks(city.pk)
    if bureau.code in marks:
        return marks[bureau.code]
    place, name = city.name_zh.removesuffix("市"), bureau.name_zh
    return name if place in name else place + name.removeprefix("市")
