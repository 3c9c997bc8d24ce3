"""Settings: what the documents leave unprinted, declared in catalogue/settings.yaml."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.db.models import JSONField, Value
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import City, User
from incentives.models import Programme, Setting

DECLARED = Path(__file__).parents[1] / "catalogue" / "settings.yaml"


class Declared(NamedTuple):
    key: str
    type: str
    default: Any
    label: dict[str, str]
    help: dict[str, str]
    minimum: int = 1


@cache
def declared() -> dict[str, Declared]:
    entries = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    return {key: Declared(key=key, **entry) for key, entry in entries.items()}


def setting(*, city: City, key: str, programme: Programme | None = None) -> Any:
    """The programme's own value, else the city's, else the declared default."""
    rows = Setting.objects.filter(city=city, key=key).order_by("-id")
    own = rows.filter(programme=programme).first() if programme else None
    row = own or rows.filter(programme=None).first()
    return declared()[key].default if row is None else row.value


def settings_everywhere(key: str) -> dict[tuple[str, int], Any]:
    """The value of a setting for each city and programme; under programme 0 the city's own."""
    newest = Setting.objects.filter(key=key).order_by("city_id", "programme_id", "-id")
    kept = {
        (row.city_id, row.programme_id or 0): row.value
        for row in newest.distinct("city_id", "programme_id")
    }
    default = declared()[key].default
    cities = City.objects.values_list("pk", flat=True)
    found = {(city, 0): kept.get((city, 0), default) for city in cities}
    for city, programme in Programme.objects.values_list("city_id", "pk"):
        found[city, programme] = kept.get((city, programme), found[city, 0])
    return found


def change_setting(
    *, city: City, programme: Programme | None, key: str, value: Any, basis: str, actor: User
) -> Setting:
    """Write a value that `setting_values.read_setting` has read; the basis stands beside it."""
    if not basis.strip():
        raise Refused({"basis": _("Name the implementing rule or decision behind the value.")})
    kept = Value(None, JSONField()) if value is None else value  # an emptied setting is a value
    row = Setting.objects.create(
        city=city, programme=programme, key=key, value=kept, basis=basis, set_by=actor
    )
    subject = programme.code if programme else city.code
    record(
        kind="setting.changed",
        subject=subject,
        actor=actor,
        city=city,
        reason=basis,
        data={"key": key, "value": value},
    )
    return row
