"""The money verbs against an independent auditor in plain Python, step by random step.

A failure prints the steps that lead to it. The controls break one function in the test's own
database, and the auditor has to notice.
"""

import re

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.incentives.domain.auditor_books import make_world
from tests.incentives.domain.auditor_steps import Steps

QUICK = settings(
    max_examples=8, stateful_step_count=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def audit(chosen: settings) -> None:
    Steps.world = make_world()
    run_state_machine_as_test(Steps, settings=chosen)


def test_the_verbs_agree_with_the_auditor(committed_db: None) -> None:
    audit(QUICK)


@pytest.mark.nightly
@pytest.mark.parametrize("quarter", range(4))
def test_two_thousand_runs_of_fifty_steps(committed_db: None, quarter: int) -> None:
    """Five hundred in each of four databases, drawn apart."""
    audit(settings(QUICK, max_examples=500, stateful_step_count=50, derandomize=False))


BROKEN = {
    "huiqi_reserve": (r"greatest\(v_limit - v_used, 0\)", "greatest(v_limit - v_used + 0.01, 0)"),
    "huiqi_decide_many": (r"g_amounts\[a\.of\] ELSE a\.times", "g_amounts[a.of] ELSE 1"),
    "huiqi_release": (r"p_award, r\.amount\)", "p_award, trunc(r.amount, 1))"),
    "huiqi_recover": (r"v_award\.id, v_back\)", "v_award.id, v_back - 0.01)"),
    "huiqi_reverse_receipt": (r"-e\.amount,", "-e.amount + 0.01,"),
    "huiqi_confirm_part": (r"v_borne - v_gone_borne", "v_award.amount - v_gone"),
    "huiqi_give_back": (r"used = used - p_amount", "used = used - trunc(p_amount, 1)"),
    "huiqi_lower_event": (r"c\.id = p_counter", "c.id IS NULL"),
    "huiqi_parts": (r"WHEN w\.whole > 0 THEN w\.has", "WHEN w.whole > 1e12 THEN w.has"),
    "huiqi_granted_in": (r", 'recovered'\)", ")"),
    "huiqi_put_in_budget": (r"planned \+ p_amount < v_used", "planned + p_amount < 0"),
    "huiqi_settle_line": (r"v_line\.state = 'pending' AND", ""),
}


OFTEN = ["huiqi_reserve", "huiqi_settle_line"]


@pytest.mark.parametrize(
    "name", [n if n in OFTEN else pytest.param(n, marks=pytest.mark.nightly) for n in BROKEN]
)
def test_control_a_broken_function_is_noticed(
    committed_db: None, owner_url: str, name: str
) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        find = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s"
        source, times = re.subn(*BROKEN[name], owner.execute(find, [name]).fetchone()[0])
        assert times
        owner.execute(source)
        owner.execute("ALTER TABLE incentives_counter DROP CONSTRAINT counter_within_limit")
    many = settings(QUICK, max_examples=100, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        audit(many)
