"""What the city knows already of a case that it opened itself."""

from applicants.models import ProfileFact
from applicants.models.fact import FactSource
from incentives.domain.registry_keys import registry_keys
from reviews.domain.assessing import declared_facts, rules
from reviews.models import Application
from reviews.models.application import Origin


def from_lists(case: Application) -> set[str]:
    """The facts of a case opened by the city that stand as a bureau's list brought them.

    No paper is asked for these: the bureau holds it. A value that was changed is not among them.
    """
    if case.origin != Origin.SWEEP:
        return set()
    names = registry_keys(rules(case))
    brought = ProfileFact.objects.filter(
        party=case.applicant, key__in=list(names.values()), source=FactSource.IMPORTED
    )
    newest = brought.order_by("key", "-id").distinct("key")
    values = dict(newest.values_list("key", "value"))
    return {key for key, told in declared_facts(case).items() if values.get(names[key]) == told}
