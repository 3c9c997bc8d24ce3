"""A ledger of many different lines: awards of every programme, reserved, committed, paid twice."""

from django.db import connection

from tests.bench.bulk import bare
from tests.bench.parties import make_parties

OFFICERS, LINES_A_BATCH = 200, 500
TABLES = (
    "incentives_award",
    "incentives_instalment",
    "incentives_payoutbatch",
    "incentives_payoutline",
    "incentives_ledgerentry",
)
USERS = """
INSERT INTO applicants_user (
    id, password, is_superuser, email, name, language, is_staff, is_active, date_joined)
SELECT 1000000000 + n, '', false, 'officer' || n || '@example.test',
       CASE WHEN n % 3 > 0 THEN '经办 ' || n ELSE '' END, 'zh-hans', true, true, now()
  FROM generate_series(1, {officers}) AS n
"""
ACCOUNTS = """
INSERT INTO applicants_bankaccount (
    id, holder, bank, bank_code, number_encrypted, number_hmac, last4, is_current, created_at,
    created_by_id, party_id)
SELECT id, name, '测试银行', '102452000012', '', 'bench' || id, right(id::text, 4), true, now(),
       1000000001, id
  FROM applicants_party WHERE id BETWEEN {first} AND {last}
"""
# Award n is of party and programme by its number; its four ledger lines are 4n - 3 to 4n.
AWARDS = """
INSERT INTO incentives_award (
    id, city_id, case_number, programme_id, version_id, applicant_id, bureau_id, district_id, verb,
    payer, state, assessed, amount, cuts, approval_year, approved_at, committed_at)
SELECT n, 'qingdao', 'QD-' || 2021 + n % 6 || '-' || lpad(n::text, 8, '0'), p.id, p.version,
       a.id, p.handling_bureau_id, a.district_id,
       (ARRAY['奖励', '奖补', '补助', '补贴', '资助', '配套'])[1 + n % 6],
       CASE WHEN n % 5 = 0 THEN 'district' ELSE 'city' END, 'committed',
       100 + n % 100000 + (n % 50) * 0.02, 100 + n % 100000 + (n % 50) * 0.02, '[]', 2021 + n % 6,
       timestamptz '2021-03-01' + (n % 6)::int * interval '1 year'
       + (n % 20000000)::int * interval '1 s',
       now()
  FROM generate_series(1, {awards}::bigint) AS n
  JOIN (SELECT p.id, p.handling_bureau_id, row_number() OVER (ORDER BY p.id) - 1 AS place,
               (SELECT max(v.id) FROM incentives_programmeversion v
                 WHERE v.programme_id = p.id) AS version
          FROM incentives_programme p WHERE p.city_id = 'qingdao') AS p
    ON p.place = n * 31 % {programmes}
  JOIN applicants_party a ON a.id = {first} + n * 7919 % {parties}
"""
INSTALMENTS = """
INSERT INTO incentives_instalment (
    id, number, amount, due_on, award_id, payee_id, kind, due_kind, label, payer)
SELECT 2 * a.id - 1 + half, 1 + half, a.amount / 2, a.approved_at::date, a.id, a.applicant_id,
       'part', 'date', '{{}}', a.payer
  FROM incentives_award a, generate_series(0, 1) AS half
"""
BATCHES = """
INSERT INTO incentives_payoutbatch (
    id, number, state, line_count, total, prepared_at, approved_at, exported_at, settled_at,
    approved_by_id, city_id, prepared_by_id, payer)
SELECT n, 'QD-BF-2026-' || lpad(n::text, 6, '0'), 'settled', {a_batch}, 1, now(), now(), now(),
       now(), 1000000002, 'qingdao', 1000000001, 'city'
  FROM generate_series(0, {awards} * 2 / {a_batch}) AS n
"""
LINES = """
INSERT INTO incentives_payoutline (
    id, number, amount, state, result_at, result_note, account_id, batch_id, instalment_id,
    payee_id, funding_source, subject_code)
SELECT id, id % {a_batch}, amount, 'paid', now(), '', payee_id, id / {a_batch}, id, payee_id, '', ''
  FROM incentives_instalment
"""
LEDGER = """
INSERT INTO incentives_ledgerentry (
    id, city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id, line_id,
    case_number, programme_id, verb, payer, bureau_id, district_id, applicant_id, payee_id,
    actor_id, reason)
SELECT n, a.city_id, (ARRAY['reserved', 'committed', 'paid', 'paid'])[1 + step],
       CASE WHEN step < 2 THEN a.amount ELSE a.amount / 2 END,
       a.approved_at + step * interval '9 days', a.approval_year, a.approval_year, a.approval_year,
       a.id, CASE WHEN step > 1 THEN 2 * a.id - 3 + step END, a.case_number, a.programme_id, a.verb,
       a.payer, a.bureau_id, a.district_id, a.applicant_id,
       CASE WHEN step > 1 THEN a.applicant_id END, 1000000001 + n % {officers},
       CASE WHEN n % 1009 = 0 THEN '第一次拨付' || chr(10) || '见批次' ELSE
       CASE n % 7 WHEN 0 THEN '' WHEN 1 THEN '公示无异议' WHEN 2 THEN '按条款 ' || n % 40 || ' 核定'
                  WHEN 3 THEN '经复核，金额 "' || a.amount || '" 元, 无误' WHEN 4 THEN '- 补拨'
                  WHEN 5 THEN 'approved as proposed' ELSE '银行回执已核对' END END
  FROM generate_series(1, {entries}) AS n CROSS JOIN LATERAL (SELECT (n - 1) % 4 AS step) AS s
  JOIN incentives_award a ON a.id = (n - 1) / 4 + 1
 ORDER BY n
"""


def fill(entries: int) -> None:
    awards, parties = entries // 4, max(entries // 5, 100)
    first, last = make_parties(parties)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM incentives_programme WHERE city_id = 'qingdao'")
        [programmes] = cursor.fetchone()
    with bare(*TABLES, "applicants_user", "applicants_bankaccount"), connection.cursor() as cursor:
        for statement in (USERS, ACCOUNTS, AWARDS, INSTALMENTS, BATCHES, LINES, LEDGER):
            cursor.execute(
                statement.format(
                    entries=entries, awards=awards, parties=parties, programmes=programmes,
                    officers=OFFICERS, a_batch=LINES_A_BATCH, first=first, last=last,
                )
            )  # fmt: skip
