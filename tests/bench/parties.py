"""Many applicants for the benches: names of every length, one in fifty a person."""

from django.db import connection

from tests.bench.bulk import bare

PARTIES = """
INSERT INTO applicants_party (
    id, kind, name, uscc, identity_hmac, identity_last4, district_id, address, phone, created_at)
SELECT n, CASE WHEN n % 50 = 0 THEN 'person' ELSE 'enterprise' END,
       CASE WHEN n % 50 = 0 THEN '申领人' || n
            WHEN n % 997 = 0 THEN '=' || n || '+科技'
            ELSE (ARRAY['青岛', '大连', '山东', 'Qingdao '])[1 + n % 4] || n
                 || (ARRAY['智能装备', '海洋生物', '新材料', '软件'])[1 + n % 4]
                 || (ARRAY['有限公司', '股份有限公司', '研究院', '集团'])[1 + n / 7 % 4] END,
       CASE WHEN n % 50 > 0 THEN CASE WHEN n % 3 = 0 THEN '913702MA' ELSE '91370203' END || n END,
       CASE WHEN n % 50 = 0 THEN 'bench' || n END,
       CASE WHEN n % 50 = 0 THEN lpad((n % 10000)::text, 4, '0') ELSE '' END,
       places[1 + n % array_length(places, 1)], '', '', now()
  FROM generate_series({first}, {last}) AS n,
       (SELECT array_agg(id) AS places FROM applicants_district WHERE city_id = 'qingdao') AS d
"""
FIRST = 1_000_000_001  # ten digits, so that credit codes come out at eighteen


def make_parties(many: int) -> tuple[int, int]:
    """The ids of the first and of the last."""
    last = FIRST + many - 1
    with bare("applicants_party"), connection.cursor() as cursor:
        cursor.execute(PARTIES.format(first=FIRST, last=last))
    return FIRST, last
