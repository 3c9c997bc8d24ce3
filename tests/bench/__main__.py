"""What things cost, as ratios against a baseline measured in the same run: `make bench`.

award_vs_orm: awards a second through the domain verb (four counters, ledger, cap entries), over the
same writes by the ORM with select_for_update. ledger_csv_vs_copy: seconds of the ledger's CSV over
those of a bare COPY of the same table. assess_per_second: full assessments by compiled functions,
without explanation; assess_explained_per_second: by the interpreter, with it. sweep_vs_polars:
seconds of every computable programme over a million organisations, from COPY to COPY, over those of
polars expressions written by hand, the results identical.
"""

import os
import sys

from tests import servers


def main() -> None:
    servers.begin_session()
    try:
        urls = servers.addresses()
        servers.clone_template(urls["DATABASE_OWNER_URL"], "bench")
        url = servers.in_database(urls["DATABASE_OWNER_URL"], "bench")
        os.environ |= {"DATABASE_URL": url, "REDIS_URL": urls["REDIS_URL"]}
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        _measure()
    finally:
        servers.end_session()


def _measure() -> None:
    import django  # the addresses above come first

    django.setup()
    from tests.bench import assessing, awarding, exporting, sweeping

    for name, value in (
        ("award_vs_orm", awarding.verb_over_orm()),
        ("ledger_csv_vs_copy", exporting.csv_over_copy()),
        ("assess_per_second", assessing.assessments_a_second()),
        ("assess_explained_per_second", assessing.explained_a_second()),
        ("sweep_vs_polars", sweeping.sweep_over_polars()),
    ):
        print(f"{name}: {value:.2f}")


if __name__ == "__main__":
    sys.exit(main())
