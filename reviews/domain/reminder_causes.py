"""What is reminded of, in SQL: one SELECT for each kind, of all that waits at this moment.

Its columns plan a reminder (`of_id, city_id, programme_id, application_id, task_id, due_on`), find
whom it concerns (`party_id, bureau_id, task_kind, assignee_id`) and tell (`said`, where the kind of
the notice depends on the row, `data`, and `url` for the applicant or `desk_url` for staff).
"""

CASE = """
    jsonb_build_object('number', coalesce(a.number, ''), 'title_zh', p.title_zh,
                       'title_en', p.title_en, 'due_on', {due_on}{more})"""
CASE_PAGE = "replace(%(case_page)s, '/0/', '/' || a.id || '/')"
DESK_PAGE = "replace(%(desk_page)s, '/0/', '/' || a.id || '/')"
OF_CASE = "a.city_id, a.programme_id, a.id AS application_id"
APPLICANT = "a.applicant_id AS party_id"
NO_TASK = "NULL::bigint AS task_id"
ANYBODY = "NULL AS task_kind, NULL::bigint AS assignee_id"
BUREAU = "jsonb_build_object('zh', b.name_zh, 'en', b.name_en)"
PAGES = f"{CASE_PAGE} AS url, {DESK_PAGE} AS desk_url"
PROGRAMME = "JOIN incentives_programme p ON p.id = a.programme_id"


def _case(due_on: str, more: str = "") -> str:
    return CASE.format(due_on=due_on, more=f", {more}" if more else "")


TASKS = f"""
SELECT t.id AS of_id, {OF_CASE}, t.id AS task_id, t.due_on, {APPLICANT}, t.bureau_id,
       t.kind AS task_kind, t.assignee_id, NULL AS said, {PAGES},
       {_case("t.due_on", f"'task', %(tasks)s::jsonb -> t.kind, 'bureau', {BUREAU}")} AS data
  FROM reviews_reviewtask t
  JOIN reviews_application a ON a.id = t.application_id {PROGRAMME}
  JOIN incentives_bureau b ON b.id = t.bureau_id
 WHERE t.state = 'open'
"""

WINDOWS = f"""
SELECT a.id AS of_id, {OF_CASE}, {NO_TASK}, w.closes AS due_on, {APPLICANT},
       a.handling_bureau_id AS bureau_id, {ANYBODY}, NULL AS said, {PAGES},
       {_case("w.closes")} AS data
  FROM reviews_application a {PROGRAMME}
  JOIN unnest(%(windows)s::bigint[], %(closings)s::date[]) AS w(programme_id, closes)
    ON w.programme_id = a.programme_id
 WHERE a.state = 'draft'
"""

SUPPLEMENTS = f"""
SELECT a.id AS of_id, {OF_CASE}, {NO_TASK}, a.due_on, {APPLICANT},
       a.handling_bureau_id AS bureau_id, {ANYBODY}, NULL AS said, {PAGES},
       {_case("a.due_on", "'reason', a.returned_reason")} AS data
  FROM reviews_application a {PROGRAMME}
 WHERE a.state = 'returned' AND a.due_on IS NOT NULL
"""

COMMITMENTS = f"""
SELECT c.id AS of_id, {OF_CASE}, {NO_TASK}, c.due_on, {APPLICANT},
       a.handling_bureau_id AS bureau_id, {ANYBODY}, NULL AS said, {PAGES},
       {_case("c.due_on", "'promised', c.text")} AS data
  FROM reviews_commitment c
  JOIN reviews_application a ON a.id = c.application_id {PROGRAMME}
 WHERE c.state = 'open' AND a.state IN ('submitted', 'accepted', 'proposed')
"""

OBLIGATIONS = f"""
SELECT o.id AS of_id, {OF_CASE}, {NO_TASK}, o.due_on, o.party_id,
       a.handling_bureau_id AS bureau_id, {ANYBODY}, NULL AS said, {PAGES},
       {_case("o.due_on", "'owed', o.text")} AS data
  FROM reviews_obligation o
  JOIN reviews_application a ON a.id = o.application_id {PROGRAMME}
 WHERE o.state = 'due'
"""

OBJECTIONS = f"""
SELECT o.id AS of_id, {OF_CASE}, {NO_TASK}, o.due_on, {APPLICANT},
       a.handling_bureau_id AS bureau_id, {ANYBODY}, NULL AS said,
       replace(%(objection_page)s, '/0/', '/' || o.id || '/') AS desk_url, '' AS url,
       {_case("o.due_on", "'objection', o.number")} AS data
  FROM reviews_objection o JOIN reviews_publicityitem i ON i.id = o.item_id
  JOIN reviews_application a ON a.id = i.application_id {PROGRAMME}
 WHERE o.state = 'filed' AND o.due_on IS NOT NULL
"""

RECONSIDERATIONS = f"""
SELECT o.id AS of_id, {OF_CASE}, {NO_TASK}, o.due_on, {APPLICANT},
       a.handling_bureau_id AS bureau_id, {ANYBODY}, NULL AS said,
       replace(%(reconsideration_page)s, '/0/', '/' || o.id || '/') AS desk_url, '' AS url,
       {_case("o.due_on")} AS data
  FROM reviews_reconsideration o
  JOIN reviews_application a ON a.id = o.application_id {PROGRAMME}
 WHERE o.state = 'filed'
"""

# The day after its last is the day of this reminder; a list of no days is over at once.
LISTS = f"""
SELECT n.id AS of_id, n.city_id, NULL::bigint AS programme_id, NULL::bigint AS application_id,
       {NO_TASK}, n.ends_on - (n.ends_on = n.starts_on)::int AS due_on, NULL::bigint AS party_id,
       n.bureau_id, {ANYBODY}, NULL AS said, %(award_queue)s AS desk_url, '' AS url,
       jsonb_build_object('notice', n.number, 'ends_on', n.ends_on, 'count', waiting.cases) AS data
  FROM reviews_publicitynotice n
  JOIN (SELECT i.notice_id, count(*) AS cases
          FROM reviews_publicityitem i
          JOIN reviews_application a ON a.id = i.application_id AND a.state = 'publicity'
         WHERE NOT EXISTS (SELECT 1 FROM reviews_publicityitem later
                            WHERE later.application_id = i.application_id AND later.id > i.id)
         GROUP BY i.notice_id) waiting ON waiting.notice_id = n.id
"""

UNPAID = """
  FROM incentives_instalment i JOIN incentives_award w ON w.id = i.award_id
  JOIN reviews_application a ON a.number = w.case_number AND a.city_id = w.city_id
  JOIN incentives_programme p ON p.id = w.programme_id
 {periods}
 WHERE w.state = 'committed'
   AND NOT EXISTS (SELECT 1 FROM incentives_payoutline l
                    WHERE l.instalment_id = i.id AND l.state IN ('pending', 'paid'))
"""
PARTS = "'part', i.number::text, 'amount', i.amount::text"

# So many working days after an instalment falls due it is to be paid.
PAYMENTS = f"""
SELECT i.id AS of_id, {OF_CASE}, {NO_TASK}, paid_by.due_on, {APPLICANT},
       NULL::bigint AS bureau_id, {ANYBODY}, NULL AS said, %(payment_page)s AS desk_url, '' AS url,
       {_case("paid_by.due_on", PARTS)} AS data
""" + UNPAID.format(periods="""
  JOIN unnest(%(payment_programmes)s::bigint[], %(payment_days)s::int[]) AS d(programme_id, days)
    ON d.programme_id = w.programme_id
  JOIN LATERAL (SELECT max(date) AS due_on, count(*) AS found
                  FROM (SELECT date FROM reviews_calendarday
                         WHERE is_working AND date > i.due_on ORDER BY date LIMIT d.days) later
       ) paid_by ON paid_by.found = d.days
""")  # fmt: skip

# Those that fall due later than the award itself.
INSTALMENTS = f"""
SELECT i.id AS of_id, {OF_CASE}, {NO_TASK}, i.due_on, {APPLICANT},
       NULL::bigint AS bureau_id, {ANYBODY}, NULL AS said, %(payment_page)s AS desk_url, '' AS url,
       {_case("i.due_on", PARTS)} AS data
""" + UNPAID.format(periods="") + """
   AND i.due_on > (w.committed_at AT TIME ZONE 'Asia/Shanghai')::date
"""  # fmt: skip

ENTRIES = f"""
SELECT e.id AS of_id, e.city_id, e.programme_id, NULL::bigint AS application_id, {NO_TASK},
       e.ends_on AS due_on, e.party_id, e.bureau_id, {ANYBODY},
       CASE e.kind WHEN 'voucher' THEN 'register.voucher_expiring' ELSE 'register.expiring' END
           AS said,
       replace(replace(%(entry_page)s, '/1/', '/' || e.party_id || '/'), '/0/', '/' || e.id || '/')
           AS url, '' AS desk_url,
       jsonb_build_object('register', e.number, 'bureau', {BUREAU}, 'ends_on', e.ends_on,
           'label', jsonb_build_object('zh', e.label_zh, 'en', e.label_en)) AS data
  FROM incentives_registerentry e JOIN incentives_bureau b ON b.id = e.bureau_id
 WHERE e.state = 'in_force' AND e.ends_on IS NOT NULL
"""
