"""A city's programmes as lists of earlier awards and balances are read: what counts under them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from incentives.domain.listing import versions_on
from incentives.domain.programmes import rules_of, settings_of
from incentives.models import ProgrammeVersion
from incentives.policy.keys import Namer
from incentives.policy.programme import Programme as Rules


@dataclass(frozen=True)
class Counting:
    """A version and what is set of it, read once, however many rows name it."""

    version: ProgrammeVersion

    @property
    def code(self) -> str:
        return self.version.programme.code

    @cached_property
    def rules(self) -> Rules:
        return rules_of(self.version)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.version.programme, self.version)

    @cached_property
    def names(self) -> list[str]:
        """The caps, same-event groups and tallies, but those that count rows or only warn."""
        caps = [cap.id for cap in self.rules.caps if cap.unit != "rows"]
        events = [
            event.group for event in self.rules.same_event if self._setting(event.rule) != "warn"
        ]
        return [*caps, *events, *self.rules.tallies]

    def by_year_of_approval(self, name: str) -> bool:
        for cap in self.rules.caps:
            if cap.id == name:
                counted = (self._setting(cap.period), self._setting(cap.year_of))
                return counted == ("year", "approval")
        return name in self.rules.tallies and self.rules.tallies[name].period == "year"

    def _setting(self, value: Any) -> Any:
        return self._namer.case.setting(value)

    @cached_property
    def _namer(self) -> Namer:
        return Namer(self.rules, {}, {}, self.settings)


def programmes_of(city: str) -> dict[str, Counting]:
    """Each programme's version in force, or the first to come, by its code and its titles."""
    today = timezone.localdate()
    versions = ProgrammeVersion.objects.select_related(
        "programme__city", "programme__handling_bureau"
    ).filter(programme__city=city)
    coming = versions.order_by("programme_id", "number").distinct("programme_id")
    in_force = (versions & versions_on(today)).order_by("programme_id", "-number")
    newest = {one.programme_id: one for one in coming} | {
        one.programme_id: one for one in in_force.distinct("programme_id")
    }
    found: dict[str, Counting] = {}
    for version in newest.values():
        one = version.programme
        found |= dict.fromkeys((one.code, one.title_zh, one.title_en), Counting(version))
    return found
