"""Publishing a draft: a second person makes it the version in force from a day on."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain.drafts import locked, require_sound, tell
from incentives.models import Programme, ProgrammeDraft, ProgrammeVersion
from incentives.models.draft import DraftState
from incentives.policy.programme import digest
from incentives.policy.rendering import dumps


@transaction.atomic
def publish_draft(
    *, draft_id: int, basis: str, in_force_from: date, actor: User
) -> ProgrammeVersion:
    """Write the version that new applications take from that day on; those started keep theirs.

    Refused to the person who drafted it, without a basis, for a day gone by, and when another
    version has been written or scheduled meanwhile.
    """
    draft = locked(draft_id, DraftState.SUBMITTED)
    programme = Programme.objects.select_for_update().get(pk=draft.programme_id)
    _require_publishable(draft, basis, in_force_from, actor)
    rules = require_sound(draft, thorough=False)
    latest = programme.versions.order_by("-number")[0]
    if latest.pk != draft.based_on_id:
        raise Conflict(
            _("Version %s has been written since this draft was started; start a new draft.")
            % latest.number
        )
    found = digest(rules)
    if found == latest.digest:
        raise Refused({"written": _("It says the same as the version in force.")})
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=latest.number + 1,
        definition=dumps(rules.to_json()),
        digest=found,
        in_force_from=in_force_from,
        loaded_by=actor,
    )
    _close(draft, version, basis.strip(), actor)
    return version


def _require_publishable(
    draft: ProgrammeDraft, basis: str, in_force_from: date, actor: User
) -> None:
    if draft.drafted_by_id == actor.pk:
        raise NotAllowed(_("A version is published by someone who did not draft it."))
    problems = {}
    if not basis.strip():
        problems["basis"] = _("Name the implementing rule or decision behind the new version.")
    if in_force_from < timezone.localdate():
        problems["in_force_from"] = _("Write a day from today on.")
    scheduled = draft.based_on.in_force_from
    if scheduled and in_force_from < scheduled:
        problems["in_force_from"] = _("The version before it is in force from %s: not earlier.") % (
            scheduled.isoformat()
        )
    if problems:
        raise Refused(problems)


def _close(draft: ProgrammeDraft, version: ProgrammeVersion, basis: str, actor: User) -> None:
    draft.state, draft.version = DraftState.PUBLISHED, version
    draft.basis, draft.in_force_from = basis, version.in_force_from
    draft.published_by, draft.published_at = actor, timezone.now()
    draft.save(
        update_fields=[
            "state", "version", "basis", "in_force_from", "published_by", "published_at",
            "changed_at",
        ]
    )  # fmt: skip
    tell(
        draft,
        "published",
        actor,
        reason=basis,
        version=version.number,
        digest=version.digest,
        in_force_from=str(version.in_force_from),
    )
