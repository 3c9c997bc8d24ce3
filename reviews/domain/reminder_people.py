"""Whom a reminder is for: SQL over the reminders that are `wanted`, and `staff`."""

from reviews.models.staff import Role
from reviews.models.task import TaskKind

# Who holds a role today, and who acts for someone absent: `user_id` is told what is `of_id`'s.
STAFF = """
SELECT r.city_id, r.bureau_id, r.role, r.user_id AS of_id, r.user_id
  FROM reviews_staffrole r WHERE r.is_active
 UNION
SELECT r.city_id, r.bureau_id, r.role, r.user_id, d.deputy_id
  FROM reviews_staffrole r
  JOIN reviews_delegation d ON d.user_id = r.user_id AND d.bureau_id = r.bureau_id
 WHERE r.is_active AND d.ended_at IS NULL AND %(today)s BETWEEN d.starts_on AND d.ends_on
"""

MEMBERS = """
SELECT w.id, m.user_id, false AS at_desk FROM wanted w
  JOIN applicants_party y ON y.id = w.party_id
  JOIN applicants_membership m ON m.party_id = coalesce(y.successor_id, y.id) AND m.is_active
"""

NOT_THEIR_OWN = """
   NOT EXISTS (SELECT 1 FROM applicants_party y
                 JOIN applicants_membership m ON m.party_id IN (y.id, y.successor_id)
                WHERE y.id = w.party_id AND m.user_id = s.user_id)
"""

# Whoever a task is assigned to and may do it; the whole bureau where that is nobody.
REVIEWERS = f"""
SELECT w.id, s.user_id, true AS at_desk FROM wanted w
  JOIN unnest(%(task_kinds)s::text[], %(task_roles)s::text[]) AS k(kind, role)
    ON k.kind = w.task_kind
  JOIN staff s ON s.bureau_id = w.bureau_id AND s.role = k.role
 WHERE {NOT_THEIR_OWN}
   AND (w.assignee_id IS NULL OR s.of_id = w.assignee_id OR NOT EXISTS (
        SELECT 1 FROM staff x JOIN unnest(%(task_kinds)s::text[], %(task_roles)s::text[])
            AS y(kind, role) ON y.kind = w.task_kind AND y.role = x.role
         WHERE x.bureau_id = w.bureau_id AND x.of_id = w.assignee_id))
"""

ANSWERING = (Role.PREPARER, Role.APPROVER)
CONCERNED: dict[str, tuple[Role, ...]] = dict.fromkeys(TaskKind, ANSWERING) | {
    TaskKind.FINANCE_CHECK: (Role.FINANCE_PREPARER,),
    TaskKind.AWARD: (Role.APPROVER,),
    TaskKind.CONCLUSION: (Role.APPROVER,),
}


def of_bureau(*roles: Role) -> str:
    """Who holds one of the roles in the bureau that the reminder is about."""
    return f"""
SELECT w.id, s.user_id, true AS at_desk FROM wanted w JOIN staff s ON s.bureau_id = w.bureau_id
 WHERE s.role IN ({_listed(roles)}) AND {NOT_THEIR_OWN}
"""


def of_city(*roles: Role) -> str:
    """Who holds one of the roles anywhere in the city."""
    return f"""
SELECT w.id, s.user_id, true AS at_desk FROM wanted w JOIN staff s ON s.city_id = w.city_id
 WHERE s.role IN ({_listed(roles)}) AND {NOT_THEIR_OWN}
"""


def _listed(roles: tuple[Role, ...]) -> str:
    return ", ".join(f"'{role.value}'" for role in roles)
