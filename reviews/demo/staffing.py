"""Staff in the demo who came, moved and left, through the security administrator's verbs."""

from applicants.models import City, User
from incentives.models import Bureau
from reviews.demo import people
from reviews.domain import staffing
from reviews.models.staff import Role

CITY = people.CITY


def make_changes() -> None:
    """Once: somebody who left, and a new approver whose role waits for its confirmation."""
    leaver, newcomer = "sti.former@demo.example", "sti.new@demo.example"
    if User.objects.filter(email=leaver).exists():
        return
    city = City.objects.get(pk=CITY)
    bureau = Bureau.objects.get(city=city, code="sti")
    by = User.objects.get(email=people.office_address(Role.SECURITY))
    gone = staffing.join(
        email=leaver, name="市科技局 原经办", city=city, role=Role.PREPARER, bureau=bureau, by=by
    )
    staffing.leave(user_id=gone.user_id, city=city, reason="调离本市，工作已交接。", by=by)
    staffing.join(
        email=newcomer,
        name="市科技局 新任审核",
        city=city,
        role=Role.APPROVER,
        bureau=bureau,
        by=by,
    )
