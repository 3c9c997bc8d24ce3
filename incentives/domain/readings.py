"""What a reading of the text means, for people; bureaus are named by the city that has them."""

from applicants.models import City
from incentives.models import Bureau
from incentives.policy.programme import Programme as Rules
from incentives.policy.readings import words_of
from incentives.policy.settings import Reading
from incentives.policy.text import Text, text


def reading_words(*, city: City, rules: Rules, name: str, reading: Reading) -> Text:
    if name == "handling_bureau":
        bureau = Bureau.objects.filter(city=city, code=reading).first()
        return text(bureau.name_zh, bureau.name_en) if bureau else text(str(reading), str(reading))
    return words_of(rules, name, reading)
