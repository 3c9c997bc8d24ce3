from django.db import transaction

from applicants.domain.texts import read_line
from applicants.models import User


@transaction.atomic
def edit_user(*, user: User, name: str, language: str) -> User:
    """Change what others see of a user, and the language of the notices."""
    user.name, user.language = read_line(name, field="name", limit=80, required=False), language
    user.full_clean(exclude=["password", "email"])
    user.save(update_fields=["name", "language"])
    return user
