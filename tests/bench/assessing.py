from datetime import date

from incentives.domain.catalogue import catalogue_programmes
from incentives.policy.assessment import assess
from tests.bench.clock import seconds

ROUNDS = 20


def assessments_a_second() -> float:
    """Every worked example of the catalogue, with its explanation, over and over in one process."""
    cases = [
        (rules, example) for rules in catalogue_programmes().values() for example in rules.examples
    ]

    def work() -> None:
        for _ in range(ROUNDS):
            for rules, example in cases:
                assess(
                    rules,
                    example.on or date(2021, 1, 1),
                    example.facts,
                    example.choices,
                    example.settings,
                )

    return ROUNDS * len(cases) / seconds(work)
