"""Recognitions of a bureau's list: which titles there are, and whose certificate numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.core.validators import slug_re
from django.utils.translation import gettext_lazy as _

from incentives.domain.enterprise_size import SIZE_NAME, SIZE_TITLE, SIZES
from incentives.domain.listing import Wanted, listed
from incentives.domain.programmes import rules_of
from incentives.domain.registry_words import Said, said
from incentives.models import ProgrammeVersion, RegisterEntry
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import ChoiceFact
from incentives.policy.text import Text, text

LONGEST_TITLE = 80
SAME = ("uscc", "title", "level", "from", "subject")
"""What makes two rows, or a row and an entry, the same recognition."""


class Numbered(Protocol):
    @property
    def values(self) -> dict[str, Any]: ...
    @property
    def problems(self) -> dict[str, Said]: ...


@dataclass(frozen=True)
class Titles:
    """The titles of a city's programmes, by code and by name; others have a code of their own."""

    city: str

    @cached_property
    def versions(self) -> dict[str, ProgrammeVersion]:
        versions = listed(Wanted()).filter(programme__city=self.city)
        return {version.programme.code: version for version in versions}

    @cached_property
    def codes(self) -> dict[str, str]:
        named = {
            name: code
            for code, version in self.versions.items()
            for name in (version.programme.title_zh, version.programme.title_en)
        }
        others = {SIZE_NAME.zh: SIZE_TITLE, SIZE_NAME.en: SIZE_TITLE}
        return others | named | {code: code for code in self.versions}

    def rules(self, title: str) -> Rules | None:
        return rules_of(self.versions[title]) if title in self.versions else None

    def check(self, values: dict[str, Any], problems: dict[str, Said]) -> None:
        written = values.get("title", "")
        values["title"] = title = self.codes.get(written, written)
        if not title:
            problems["title"] = said(_("Write the title."))
        elif not slug_re.match(title) or len(title) > LONGEST_TITLE:
            problems["title"] = said(
                _("“%(title)s” is no title: write a programme's code, or one of your own."),
                title=written,
            )
        self._level(values, problems)

    def _level(self, values: dict[str, Any], problems: dict[str, Said]) -> None:
        """Of a title that has levels, one of them, by its code or its name."""
        rules = self.rules(values["title"])
        fact = rules.facts.get(rules.outcome.level or "") if rules else None
        levels: Mapping[str, Text] = fact.of if isinstance(fact, ChoiceFact) else {}
        levels = SIZES if values["title"] == SIZE_TITLE else levels
        if not levels:
            return
        names = {n: key for key, label in levels.items() for n in (key, label.zh, label.en)}
        written = values.get("level", "")
        values["level"] = names.get(written, written)
        if written not in names:
            problems["level"] = said(
                _("“%(level)s” is no level of this title; write one of: %(levels)s."),
                level=written,
                levels=text(
                    "、".join(f"{key}（{label.zh}）" for key, label in levels.items()),
                    ", ".join(f"{key} ({label.en})" for key, label in levels.items()),
                ),
            )

    def check_numbers(self, rows: Iterable[Numbered]) -> None:
        """A number belongs to one entry, here and in the register."""
        numbered = [row for row in rows if row.values.get("number")]
        held = entries_by_number(row.values["number"] for row in numbered)
        seen: set[str] = set()
        for row in numbered:
            number = row.values["number"]
            same = tuple(row.values.get(key, "") for key in SAME)
            if number in seen:
                row.problems["number"] = said(_("This number stands in a row above already."))
            elif held.get(number, same) != same:
                row.problems["number"] = said(
                    _("This number is another entry's; compare the certificate.")
                )
            seen.add(number)


def entries_by_number(numbers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What the entries with these numbers say, in the order of SAME."""
    rows = RegisterEntry.objects.filter(number__in=list(numbers)).select_related("party")
    return {
        row.number: (
            row.party.uscc or "",
            row.title,
            row.level,
            row.starts_on.isoformat(),
            row.subject,
        )
        for row in rows
    }
