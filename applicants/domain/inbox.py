from django.db.models import QuerySet
from django.utils import timezone

from applicants.domain.wording import with_own_words
from applicants.models import Notice, User


def notices_of(user: User) -> QuerySet[Notice]:
    return with_own_words(Notice.objects.filter(user_id=user.pk)).order_by("-id")


def mark_read(notices: QuerySet[Notice]) -> int:
    """How many were unread until now; the first reading counts."""
    return notices.filter(read_at=None).update(read_at=timezone.now())
