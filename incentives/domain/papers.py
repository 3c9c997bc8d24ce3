"""Papers that several facts ask for in the same words are brought once."""

from collections.abc import Collection

from incentives.policy.programme import Programme as Rules


def same_papers(rules: Rules) -> dict[str, tuple[str, ...]]:
    """For each fact the facts, itself among them, that ask for exactly its papers."""
    asking: dict[tuple[str, ...], list[str]] = {}
    for key, fact in rules.facts.items():
        words = tuple(paper.zh for paper in fact.evidence) or (f"none for {key}",)
        asking.setdefault(words, []).append(key)
    return {key: tuple(keys) for keys in asking.values() for key in keys}


def brought_at(rules: Rules, keys: Collection[str]) -> dict[str, str]:
    """For each fact asked the first of them that asks for its papers: there they are laid."""
    together = same_papers(rules)
    return {key: next(other for other in together[key] if other in keys) for key in keys}
