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
