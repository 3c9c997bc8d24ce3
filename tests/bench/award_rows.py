"""What awards are measured over: counters of many projects and parties, and one hot budget."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from incentives.domain.counters import CounterRequest
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, CounterEntry
from tests.incentives import factories

LIMIT = Decimal("300000.00")
AMOUNT = Decimal("100.00")
COUNTERS = """
INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
SELECT 'qingdao', kind || ' ' || n, 'cap', 'yuan', heat, %s, 0
  FROM unnest(ARRAY['project', 'party', 'group'], ARRAY[0, 1, 2]) AS k(kind, heat),
       generate_series(1, %s) AS n
"""
# The barest that makes the same reads and writes: locks in the one order and the hot row last, cuts
# to the least room, writes award, ledger, event, the four counters and their entries.
BAREST = """
CREATE SEQUENCE bench_case;
CREATE FUNCTION bench_award(
    p_keys text[], p_limits numeric[], p_assessed numeric, p_programme bigint, p_version bigint,
    p_party bigint, p_bureau bigint, p_actor bigint, p_budget bigint
) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    v_case text := 'SQL-' || nextval('bench_case');
    v_at timestamptz := clock_timestamp();
    v_year int := extract(year FROM v_at AT TIME ZONE 'Asia/Shanghai');
    v_granted numeric := p_assessed;
    v_ids bigint[] := '{}';
    v_award bigint;
    v_entry bigint;
    r record;
BEGIN
    FOR i IN 1 .. cardinality(p_keys) LOOP
        SELECT id, used INTO STRICT r FROM incentives_counter
         WHERE city_id = 'qingdao' AND key = p_keys[i] FOR UPDATE;
        v_granted := least(v_granted, greatest(p_limits[i] - r.used, 0));
        v_ids := v_ids || r.id;
    END LOOP;
    IF v_granted = 0 THEN RETURN 0; END IF;
    INSERT INTO incentives_award (
        city_id, case_number, programme_id, version_id, applicant_id, bureau_id, verb, payer, state,
        assessed, amount, cuts, approval_year, approved_at, budget_id)
    VALUES ('qingdao', v_case, p_programme, p_version, p_party, p_bureau, '奖励', 'city',
            'reserved', p_assessed, v_granted, '[]', v_year, v_at, p_budget)
    RETURNING id INTO v_award;
    INSERT INTO incentives_ledgerentry (
        city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id, budget_id,
        case_number, programme_id, verb, payer, bureau_id, applicant_id, actor_id, reason)
    VALUES ('qingdao', 'reserved', v_granted, v_at, v_year, v_year, v_year, v_award, p_budget,
            v_case, p_programme, '奖励', 'city', p_bureau, p_party, p_actor, '')
    RETURNING id INTO v_entry;
    INSERT INTO applicants_event (city_id, kind, subject, actor_id, at, reason, data)
    VALUES ('qingdao', 'money.reserved', v_case, p_actor, v_at, '', jsonb_build_object(
        'award', v_award, 'assessed', p_assessed::text, 'granted', v_granted::text));
    UPDATE incentives_counter SET used = used + v_granted WHERE id = ANY (v_ids);
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT id, v_entry, v_award, v_granted, p_assessed FROM unnest(v_ids) AS id;
    RETURN v_granted;
END $$;
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every award of a run shares."""

    programme: int
    version: int
    party: int
    bureau: int
    actor: int
    budget: int
    many: int  # projects; parties, and groups


def fill(counters: int) -> None:
    """A third of the counters for projects, parties and groups each; the hot budget is open."""
    many = counters // 3
    with connection.cursor() as cursor:
        cursor.execute(COUNTERS, [LIMIT, many])
        cursor.execute(BAREST)
        cursor.execute("VACUUM ANALYZE incentives_counter")
    programme = factories.any_programme()
    budget = factories.make_budget("9000000000.00", year=timezone.localdate().year)
    version, bureau = programme.current, programme.handling_bureau_id
    party, actor = factories.make_party(), factories.make_user()
    _filled[:] = [Frame(programme.pk, version.pk, party.pk, bureau, actor.pk, budget.pk, many)]


def frame() -> Frame:
    return _filled[0]


_filled: list[Frame] = []


def wanted(number: int) -> list[CounterRequest]:
    """Three caps of an award; the fourth limit, the budget, is found by the database."""
    caps = zip(("project", "party", "group"), (7919, 104729, 1299709), range(3), strict=True)
    many = frame().many
    return [
        CounterRequest(f"{kind} {number * step % many + 1}", "cap", "yuan", heat, LIMIT)
        for kind, step, heat in caps
    ]


def nearly_full(name: str, room: Decimal) -> CounterRequest:
    """A cap of its own that one big award has left `room` yuan of."""
    tight = factories.cap(name, "5000000.00", heat=0)
    factories.reserve(str(tight.limit - room), caps=[tight])
    return tight


def filled(tight: CounterRequest) -> None:
    """Its awards are within the cap, and no room for a whole one is left."""
    entries = CounterEntry.objects.filter(counter__city="qingdao", counter__key=tight.key)
    given = entries.aggregate(given=Sum("amount"))["given"]
    assert tight.limit - AMOUNT < given <= tight.limit, f"{tight.key}: {given} of {tight.limit}"


def never_over() -> None:
    """Every balance is what its entries add up to, and within its limit."""
    with transaction.atomic():
        assert differences(city_code="qingdao") == []
    over = Counter.objects.raw('SELECT * FROM incentives_counter WHERE used > "limit"')
    assert list(over) == []
    assert Award.objects.exists()
