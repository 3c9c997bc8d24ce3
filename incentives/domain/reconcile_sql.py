"""What the nightly check adds up, a statement for each kind of balance, over a whole city at once.

Each gives key, recorded, added up and the award that it is of, or none where it is of all under a
limit. They read every row once: nothing is looked up row by row.
"""

COUNTERS = """
SELECT c.key, c.used, coalesce(sum(e.amount), 0), NULL
  FROM incentives_counter c LEFT JOIN incentives_counterentry e ON e.counter_id = c.id
 WHERE c.city_id = %(city)s
 GROUP BY c.id
HAVING c.used <> coalesce(sum(e.amount), 0) OR c.used > c."limit" + c.carried OR c.used < 0
 ORDER BY c.key
"""

ENTRIES = """
WITH totals AS (
    SELECT l.award_id, sum(l.amount) FILTER (WHERE l.stage IN ('reserved', 'opening')) AS taken,
           coalesce(sum(l.amount) FILTER (
               WHERE l.stage IN ('released', 'reversed')), 0) AS released,
           coalesce(sum(l.amount) FILTER (WHERE l.stage = 'recovered'), 0) AS recovered
      FROM incentives_ledgerentry l
     WHERE l.city_id = %(city)s
       AND l.stage IN ('reserved', 'opening', 'released', 'reversed', 'recovered')
     GROUP BY 1
), posts AS ( -- what was reserved at once, by all payers
    SELECT l.award_id, l.posted_at, sum(l.amount) AS amount
      FROM incentives_ledgerentry l JOIN incentives_award a ON a.id = l.award_id
     WHERE l.city_id = %(city)s AND l.stage = 'reserved' AND a.payer = 'shared'
     GROUP BY 1, 2
), held AS (
    SELECT e.award_id, c.id AS counter_id, c.kind, c.unit, c.key, sum(e.amount) AS held,
           coalesce(sum(e.amount) FILTER (
               WHERE e.change_id IS NULL AND l.stage IN ('reserved', 'opening')), 0) AS took,
           coalesce(sum(coalesce(p.amount, l.amount)) FILTER (
               WHERE e.change_id IS NULL AND l.stage IN ('reserved', 'opening')), 0) AS posted,
           count(*) FILTER (
               WHERE e.change_id IS NULL AND l.stage IN ('reserved', 'opening')) AS times,
           count(*) AS entries, count(e.change_id) AS moved,
           coalesce(sum(e.amount) FILTER (WHERE e.change_id IS NOT NULL), 0) AS more
      FROM incentives_counterentry e
      JOIN incentives_counter c ON c.id = e.counter_id
      JOIN incentives_ledgerentry l ON l.id = e.entry_id
      LEFT JOIN posts p ON p.award_id = l.award_id AND p.posted_at = l.posted_at
     WHERE c.city_id = %(city)s
     GROUP BY e.award_id, c.id
), years AS (
    SELECT c.id, p.year, false AS closed
      FROM incentives_pool p JOIN incentives_counter c
        ON c.city_id = p.city_id AND c.key = 'pool:' || p.code || ':' || p.year
     WHERE p.city_id = %(city)s
    UNION ALL
    SELECT c.id, b.year, y.id IS NOT NULL
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      JOIN incentives_counter c ON c.city_id = f.city_id AND c.key = 'budget:' || b.id
      LEFT JOIN incentives_yearclose y
        ON y.city_id = f.city_id AND y.year = b.year AND y.closed_at IS NOT NULL
     WHERE f.city_id = %(city)s
), borne AS ( -- the city's part of each award, by the year that bears it
    SELECT l.award_id, l.budget_year AS year,
           coalesce(sum(l.amount) FILTER (WHERE l.stage IN ('reserved', 'opening')), 0) AS part,
           coalesce(sum(l.amount) FILTER (
               WHERE l.stage NOT IN ('reserved', 'opening')), 0) AS back,
           coalesce(-sum(l.amount) FILTER (
               WHERE l.stage = 'recovered' AND l.amount < 0), 0) AS never_came,
           count(*) FILTER (WHERE l.stage = 'reserved') AS entries
      FROM incentives_ledgerentry l
     WHERE l.city_id = %(city)s AND l.payer = 'city'
       AND l.stage IN ('reserved', 'opening', 'released', 'reversed', 'recovered')
     GROUP BY 1, 2
), shared AS (
    SELECT h.award_id, h.key, h.held, y.closed, coalesce(b.entries, 0) > 1 AS grown,
           coalesce(b.part, 0) AS part, coalesce(b.back, 0) AS back,
           coalesce(b.never_came, 0) AS never_came
      FROM held h
      JOIN years y ON y.id = h.counter_id
      LEFT JOIN borne b ON b.award_id = h.award_id AND b.year = y.year
), bounds AS ( -- what was taken: an entry is what was reserved, by all payers; or one, of a count
    SELECT h.award_id, h.key, h.took AS stands, x.due AS least, x.due AS most
      FROM held h
     CROSS JOIN LATERAL (
           SELECT CASE WHEN h.unit = 'awards' THEN h.times
                       ELSE h.posted END AS due) AS x
     WHERE h.kind NOT IN ('pool', 'budget') AND h.unit <> 'rows'
    UNION ALL -- what is still held
    SELECT s.award_id, s.key, s.held,
           CASE WHEN s.grown THEN 0 WHEN s.closed THEN greatest(s.part - s.back - s.never_came, 0)
                ELSE greatest(s.part - s.back, 0) END,
           CASE WHEN s.closed OR s.grown THEN s.part
                ELSE greatest(s.part - s.back, 0) END
      FROM shared s
    UNION ALL
    SELECT h.award_id, h.key, h.held, CASE WHEN h.took = t.taken THEN x.kept ELSE 0 END,
           CASE WHEN h.took = t.taken THEN x.kept ELSE h.took END
      FROM held h
      JOIN totals t ON t.award_id = h.award_id
     CROSS JOIN LATERAL (
           SELECT greatest(t.taken - t.released - t.recovered, 0) AS kept) AS x
     WHERE h.kind NOT IN ('pool', 'budget') AND h.unit = 'yuan' AND h.moved = 0
    UNION ALL
    SELECT h.award_id, h.key, h.held, x.kept, x.kept
      FROM held h
      JOIN incentives_award a ON a.id = h.award_id
     CROSS JOIN LATERAL (
           SELECT CASE a.state WHEN 'released' THEN 0 ELSE h.took END AS kept) AS x
     WHERE h.unit <> 'yuan' AND h.moved = 0
    UNION ALL -- moved to other counters: all of them together, to a fen for each entry
    SELECT m.award_id, m.key, m.held, CASE WHEN m.whole THEN x.kept - 0.01 * m.entries ELSE 0 END,
           x.kept + m.more + 0.01 * m.entries
      FROM (SELECT h.award_id, min(h.key) AS key, sum(h.held) AS held, sum(h.more) AS more,
                   sum(h.entries) AS entries, count(*) FILTER (WHERE h.took > 0) AS counters,
                   bool_and(h.took IN (0, t.taken)) AS whole,
                   min(t.taken - t.released - t.recovered) AS kept
              FROM held h JOIN totals t ON t.award_id = h.award_id
             WHERE h.kind NOT IN ('pool', 'budget') AND h.unit = 'yuan'
             GROUP BY 1 HAVING sum(h.moved) > 0) AS m
     CROSS JOIN LATERAL (SELECT m.counters * greatest(m.kept, 0) AS kept) AS x
)
SELECT a.case_number || ' · ' || b.key, b.stands,
       CASE WHEN b.stands < b.least THEN b.least ELSE b.most END, a.id
  FROM bounds b JOIN incentives_award a ON a.id = b.award_id
 WHERE b.stands NOT BETWEEN b.least AND b.most
 ORDER BY 1
"""
"""What each award took of each limit, and what it still holds of it.

A cap holds what was reserved less what was released and recovered; a pool or a budget the city's
part of that of the year that bears it, and the budget of a closed year at most what it took,
and at least what it held at its close, also where a receipt was reversed since. A merger or a split
moves what is held to another counter (`moved`); there is `more` of it where the party kept it too.
"""

UNCOUNTED = """
SELECT a.case_number || ' · ' || c.key, 0, a.amount, a.id
  FROM incentives_award a
  JOIN incentives_counter c ON c.city_id = a.city_id AND c.key = 'budget:' || a.budget_id
 WHERE a.city_id = %(city)s
   AND NOT EXISTS (SELECT 1 FROM incentives_counterentry e
                    WHERE e.counter_id = c.id AND e.award_id = a.id)
 ORDER BY 1
"""
"""An award that names a budget is counted in it."""

AWARDS = """
WITH booked AS (
    SELECT award_id, payer,
           sum(CASE WHEN stage IN ('released', 'reversed') THEN -amount ELSE amount END) AS amount
      FROM incentives_ledgerentry
     WHERE city_id = %(city)s AND stage IN ('reserved', 'opening', 'released', 'reversed')
     GROUP BY 1, 2
), parts AS (
    SELECT a.id AS award_id, coalesce(s.payer, a.payer) AS payer,
           CASE a.state WHEN 'released' THEN 0 ELSE coalesce(s.amount, a.amount) END AS amount
      FROM incentives_award a LEFT JOIN incentives_awardshare s ON s.award_id = a.id
     WHERE a.city_id = %(city)s
)
SELECT a.case_number, coalesce(p.amount, 0), coalesce(b.amount, 0), a.id
  FROM parts p FULL JOIN booked b ON b.award_id = p.award_id AND b.payer = p.payer
  JOIN incentives_award a ON a.id = coalesce(p.award_id, b.award_id)
 WHERE coalesce(p.amount, 0) <> coalesce(b.amount, 0)
UNION ALL
SELECT a.case_number, a.amount, sum(s.amount), a.id
  FROM incentives_award a JOIN incentives_awardshare s ON s.award_id = a.id
 WHERE a.city_id = %(city)s
 GROUP BY a.id HAVING a.amount <> sum(s.amount)
 ORDER BY 1
"""
"""By payer: what was reserved and not released is its part of the award."""

COMMITTED = """
WITH promised AS (
    SELECT award_id, sum(amount) AS amount, min(id) FILTER (WHERE stage = 'committed') AS since
      FROM incentives_ledgerentry
     WHERE city_id = %(city)s AND stage IN ('committed', 'opening') GROUP BY 1
), lapsed AS (
    SELECT l.award_id, sum(l.amount) AS amount
      FROM incentives_ledgerentry l JOIN promised p ON p.award_id = l.award_id
     WHERE l.city_id = %(city)s
       AND (l.stage = 'released' AND l.id > p.since OR l.stage = 'reversed') GROUP BY 1
)
SELECT a.case_number, x.amount, coalesce(p.amount, 0) - coalesce(l.amount, 0), a.id
  FROM incentives_award a
  LEFT JOIN promised p ON p.award_id = a.id
  LEFT JOIN lapsed l ON l.award_id = a.id
 CROSS JOIN LATERAL (
       SELECT CASE a.state WHEN 'committed' THEN a.amount ELSE 0 END AS amount) AS x
 WHERE a.city_id = %(city)s AND x.amount <> coalesce(p.amount, 0) - coalesce(l.amount, 0)
 ORDER BY 1
"""
"""What was committed, less what lapsed of it afterwards, is the award."""

INSTALMENTS = """
WITH due AS (
    SELECT i.award_id, i.payer, sum(i.amount) AS amount
      FROM incentives_instalment i JOIN incentives_award a ON a.id = i.award_id
     WHERE a.city_id = %(city)s
       AND NOT EXISTS (SELECT 1 FROM incentives_instalmentfinding f
                        WHERE f.instalment_id = i.id AND f.state = 'confirmed')
     GROUP BY 1, 2
), parts AS (
    SELECT a.id AS award_id, coalesce(s.payer, a.payer) AS payer,
           coalesce(s.amount, a.amount) AS amount
      FROM incentives_award a LEFT JOIN incentives_awardshare s ON s.award_id = a.id
     WHERE a.city_id = %(city)s AND a.state = 'committed' AND a.opening_id IS NULL
)
SELECT a.case_number, coalesce(p.amount, 0), coalesce(d.amount, 0), a.id
  FROM parts p FULL JOIN due d ON d.award_id = p.award_id AND d.payer = p.payer
  JOIN incentives_award a ON a.id = coalesce(p.award_id, d.award_id)
 WHERE coalesce(p.amount, 0) <> coalesce(d.amount, 0)
 ORDER BY 1
"""
"""By payer, as huiqi_check_instalments; of an award that is not committed none is left."""

PAYMENTS = """
WITH booked AS (
    SELECT line_id, award_id, payer, payee_id,
           sum(CASE stage WHEN 'paid' THEN amount ELSE -amount END) AS amount
      FROM incentives_ledgerentry
     WHERE city_id = %(city)s AND stage IN ('paid', 'returned') GROUP BY 1, 2, 3, 4
), lines AS (
    SELECT p.id AS line_id, i.award_id, i.payer, p.payee_id, p.amount
      FROM incentives_payoutline p JOIN incentives_instalment i ON i.id = p.instalment_id
      JOIN incentives_award a ON a.id = i.award_id
     WHERE a.city_id = %(city)s AND p.state = 'paid'
)
SELECT a.case_number, coalesce(p.amount, 0), coalesce(b.amount, 0), a.id
  FROM lines p
  FULL JOIN booked b ON b.line_id = p.line_id AND b.award_id = p.award_id AND b.payer = p.payer
       AND b.payee_id = p.payee_id
  JOIN incentives_award a ON a.id = coalesce(p.award_id, b.award_id)
 WHERE coalesce(p.amount, 0) <> coalesce(b.amount, 0)
 ORDER BY 1, 2
"""
"""Line by line, to whom and of whose money: what is booked as paid is what the bank has paid."""

PAID = """
SELECT a.case_number, coalesce(s.amount, a.amount), p.paid, a.id
  FROM (SELECT i.award_id, i.payer, sum(l.amount) AS paid
          FROM incentives_payoutline l JOIN incentives_instalment i ON i.id = l.instalment_id
         WHERE l.state = 'paid' GROUP BY 1, 2) AS p
  JOIN incentives_award a ON a.id = p.award_id
  LEFT JOIN incentives_awardshare s ON s.award_id = p.award_id AND s.payer = p.payer
 WHERE a.city_id = %(city)s AND p.paid > coalesce(s.amount, a.amount)
 ORDER BY 1
"""
"""By payer: no more than its part of the award."""

RECOVERED = """
WITH entered AS (
    SELECT r.award_id, CASE e.kind WHEN 'written_off' THEN e.kind ELSE 'recovered' END AS stage,
           sum(e.amount) AS amount
      FROM incentives_recoveryentry e JOIN incentives_recovery r ON r.id = e.recovery_id
     WHERE r.city_id = %(city)s GROUP BY 1, 2
), booked AS (
    SELECT award_id, stage, sum(amount) AS amount FROM incentives_ledgerentry
     WHERE city_id = %(city)s AND stage IN ('recovered', 'written_off') GROUP BY 1, 2
)
SELECT a.case_number, coalesce(e.amount, 0), coalesce(b.amount, 0), a.id
  FROM entered e FULL JOIN booked b ON b.award_id = e.award_id AND b.stage = e.stage
  JOIN incentives_award a ON a.id = coalesce(e.award_id, b.award_id)
 WHERE coalesce(e.amount, 0) <> coalesce(b.amount, 0)
 ORDER BY 1
"""

REVERSED = """
SELECT c.number || ' · ' || e.reference, e.amount, -sum(r.amount), c.award_id
  FROM incentives_recoveryentry e
  JOIN incentives_recoveryentry r ON r.reverses_id = e.id
  JOIN incentives_recovery c ON c.id = e.recovery_id
 WHERE c.city_id = %(city)s
 GROUP BY e.id, c.id HAVING e.amount + sum(r.amount) <> 0 OR bool_or(r.recovery_id <> c.id)
 ORDER BY 1
"""
"""What was reversed was reversed whole, once, on its own demand."""

DEMANDS = """
SELECT r.number, CASE WHEN r.state IN ('demanded', 'settled') THEN r.amount ELSE 0 END,
       coalesce(sum(e.amount), 0), r.award_id
  FROM incentives_recovery r LEFT JOIN incentives_recoveryentry e ON e.recovery_id = r.id
 WHERE r.city_id = %(city)s
 GROUP BY r.id
HAVING NOT CASE r.state WHEN 'settled' THEN coalesce(sum(e.amount), 0) = r.amount
                        WHEN 'demanded' THEN coalesce(sum(e.amount), 0) < r.amount
                        ELSE count(e.id) = 0 END
 ORDER BY 1
"""
"""A demand is settled when all of it came back or was given up, and not before."""

BUDGETS = """
WITH signed AS (
    SELECT m.budget_id, sum(m.amount) AS amount
      FROM (SELECT c.budget_id, CASE c.kind WHEN 'reduction' THEN -c.amount ELSE c.amount END
              FROM incentives_budgetchange c WHERE c.state = 'approved'
            UNION ALL
            SELECT c.taken_from_id, -c.amount
              FROM incentives_budgetchange c
             WHERE c.state = 'approved' AND c.taken_from_id IS NOT NULL) AS m(budget_id, amount)
     GROUP BY 1
), budgets AS (
    SELECT 'budget:' || b.id AS key, b.planned, b.opened, coalesce(s.amount, 0) AS signed
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      LEFT JOIN signed s ON s.budget_id = b.id
     WHERE f.city_id = %(city)s
), counters AS (
    SELECT key, "limit" FROM incentives_counter WHERE city_id = %(city)s AND kind = 'budget'
)
SELECT coalesce(b.key, c.key),
       CASE WHEN b.planned <> b.signed THEN b.planned ELSE coalesce(c."limit", 0) END,
       coalesce(b.signed, 0), NULL
  FROM budgets b FULL JOIN counters c ON c.key = b.key
 WHERE (b.planned, b.planned) IS DISTINCT FROM (b.signed, coalesce(c."limit", 0))
    OR b.opened IS DISTINCT FROM (c.key IS NOT NULL)
 ORDER BY 1
"""
"""What is planned is the sum of the changes that two have signed, and it is the counter's limit."""

POOLS = """
SELECT coalesce(p.key, c.key), coalesce(c."limit", 0), coalesce(p."limit", 0), NULL
  FROM (SELECT 'pool:' || code || ':' || year AS key, "limit" FROM incentives_pool
         WHERE city_id = %(city)s) AS p
  FULL JOIN (SELECT key, "limit" FROM incentives_counter
              WHERE city_id = %(city)s AND kind = 'pool') AS c ON c.key = p.key
 WHERE p."limit" IS DISTINCT FROM c."limit"
 ORDER BY 1
"""

OPENINGS = """
WITH steps AS (
    SELECT e.opening_id, min(c.key) FILTER (WHERE e.change_id IS NULL) AS key,
           sum(e.amount) AS amount,
           sum(e.amount) FILTER (WHERE e.change_id IS NULL AND e.amount > 0) AS opened,
           CASE WHEN e.change_id IS NOT NULL AND min(e.amount) > 0 THEN sum(e.amount) END AS more
      FROM incentives_counterentry e JOIN incentives_counter c ON c.id = e.counter_id
     WHERE c.city_id = %(city)s AND e.award_id IS NULL
     GROUP BY e.opening_id, e.change_id
), stands AS (
    SELECT opening_id, min(key) AS key, sum(amount) AS held, coalesce(sum(opened), 0) AS opened,
           coalesce(sum(more), 0) AS more
      FROM steps GROUP BY 1
), listed AS (
    SELECT r.id, i.file_name || '#' || r.number AS name, (r.values ->> 'amount')::numeric AS amount,
           v.id IS NOT NULL AS reversed
      FROM incentives_importrow r JOIN incentives_registryimport i ON i.id = r.of_id
      LEFT JOIN incentives_openingreversal v ON v.opening_id = r.id AND v.state = 'approved'
     WHERE i.city_id = %(city)s AND i.kind = 'balances' AND i.state = 'applied'
), compared AS (
    SELECT coalesce(s.key, l.name) AS key, coalesce(l.amount, 0) AS amount,
           coalesce(s.opened, 0) AS opened, coalesce(s.held, 0) AS held,
           CASE WHEN l.reversed THEN 0 ELSE coalesce(l.amount + s.more, 0) END AS due
      FROM listed l FULL JOIN stands s ON s.opening_id = l.id
)
SELECT key, CASE WHEN opened = amount THEN held ELSE opened END,
       CASE WHEN opened = amount THEN due ELSE amount END, NULL
  FROM compared WHERE opened <> amount OR held <> due
 ORDER BY 1
"""
"""An opening balance is what its row says, over all counters; nothing is left once it is reversed.

A merger or a split leaves the sum as it is; where the party kept it too, there is `more`.
"""

CHECKS = (
    ("counter", COUNTERS),
    ("entry", ENTRIES),
    ("entry", UNCOUNTED),
    ("opening", OPENINGS),
    ("award", AWARDS),
    ("committed", COMMITTED),
    ("instalments", INSTALMENTS),
    ("payment", PAYMENTS),
    ("paid", PAID),
    ("recovered", RECOVERED),
    ("reversed", REVERSED),
    ("demand", DEMANDS),
    ("budget", BUDGETS),
    ("pool", POOLS),
)
