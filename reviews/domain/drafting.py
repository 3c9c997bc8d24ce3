"""Who drafts and publishes a city's rules: its policy editors. The verbs are of incentives."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import User
from incentives.domain import drafts, publishing
from incentives.models import Programme, ProgrammeDraft, ProgrammeVersion
from incentives.policy.yamlfile import FileProblem
from reviews.domain.roles import roles_of
from reviews.models.staff import Role


def may_edit(user: User, city: str) -> bool:
    return roles_of(user).filter(role=Role.POLICY_EDITOR, city=city).exists()


def start_draft(*, programme: Programme, user: User) -> ProgrammeDraft:
    _require(user, programme.city_id)
    return drafts.start_draft(programme=programme, actor=user)


def save_draft(
    *, draft: ProgrammeDraft, written: str, basis: str, in_force_from: date | None, user: User
) -> list[FileProblem]:
    _require(user, draft.programme.city_id)
    return drafts.save_draft(
        draft_id=draft.pk, written=written, basis=basis, in_force_from=in_force_from, actor=user
    )


def submit_draft(*, draft: ProgrammeDraft, user: User) -> ProgrammeDraft:
    _require(user, draft.programme.city_id)
    return drafts.submit_draft(draft_id=draft.pk, actor=user)


def return_draft(*, draft: ProgrammeDraft, reason: str, user: User) -> ProgrammeDraft:
    _require(user, draft.programme.city_id)
    return drafts.return_draft(draft_id=draft.pk, reason=reason, actor=user)


def withdraw_draft(*, draft: ProgrammeDraft, user: User) -> ProgrammeDraft:
    _require(user, draft.programme.city_id)
    return drafts.withdraw_draft(draft_id=draft.pk, actor=user)


def publish_draft(*, draft: ProgrammeDraft, user: User, **how: Any) -> ProgrammeVersion:
    """`how`: basis and in_force_from, see incentives.domain.publishing.publish_draft."""
    _require(user, draft.programme.city_id)
    return publishing.publish_draft(draft_id=draft.pk, actor=user, **how)


def _require(user: User, city: str) -> None:
    if not may_edit(user, city):
        raise NotAllowed(_("Rules are drafted and published by policy editors of the city."))
