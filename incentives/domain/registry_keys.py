"""Under which key the registry keeps a fact: those of the profile are shared by all programmes."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from incentives.domain.listing import Wanted, listed
from incentives.domain.programmes import rules_of
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import Fact, RosterFact


def registry_key(rules: Rules, key: str) -> str:
    """`sector` of the profile; `<programme>.recognition_year` of what one programme alone asks."""
    return key if rules.facts[key].profile else f"{rules.code}.{key}"


def registry_keys(rules: Rules) -> dict[str, str]:
    """The key in the registry of every fact of a programme, by its key in the programme."""
    return {key: registry_key(rules, key) for key in rules.facts}


class Offered(NamedTuple):
    """A fact that a list may bring, as each programme that shares it declares it."""

    key: str
    declared: tuple[Fact, ...]
    programme: Rules | None

    @property
    def fact(self) -> Fact:
        return self.declared[0]


def offered_facts(city: str) -> dict[str, Offered]:
    """Every fact that fits into one column, of all listed programmes of a city, by registry key."""
    versions = listed(Wanted()).filter(programme__city=city)
    return _offered(tuple(rules_of(version) for version in versions))


def _offered(programmes: Collection[Rules]) -> dict[str, Offered]:
    found: dict[str, Offered] = {}
    for rules in programmes:
        for key, fact in rules.facts.items():
            if isinstance(fact, RosterFact):
                continue
            name = registry_key(rules, key)
            declared = found[name].declared if name in found else ()
            found[name] = Offered(name, (*declared, fact), None if fact.profile else rules)
    return found


def known_to(rules: Rules, record: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a registry record that a programme asks for, by its own keys, as kept."""
    return {key: record[name] for key, name in registry_keys(rules).items() if name in record}
