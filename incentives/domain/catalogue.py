"""Load the catalogue into the database: idempotent, and every change of a file a new version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db import transaction

from applicants.domain.events import record
from applicants.models import City, District, User
from incentives.domain.payout_formats import load_formats
from incentives.domain.targets_loading import TargetEntry, load_targets, read_targets
from incentives.models import Bureau, PolicyDocument, Programme, ProgrammeVersion
from incentives.models.draft import DraftState
from incentives.policy.loader import load_folder
from incentives.policy.programme import Programme as Rules
from incentives.policy.programme import digest as digest_of
from incentives.policy.rendering import dumps
from incentives.policy.yamlfile import read_yaml

FOLDER = Path(__file__).parents[1] / "catalogue"


@dataclass
class Loaded:
    """What a run did: codes of programmes new, changed (a new version), unchanged, and held back.

    Held back is a changed file of a programme that editors have published a version of: theirs
    stays. It is resolved by writing their text into the file, or by publishing the file's text.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


@transaction.atomic
def load_catalogue(*, folder: Path = FOLDER, actor: User | None = None) -> Loaded:
    """Read the whole folder before writing anything: one wrong file and nothing changes."""
    cities = _read(folder, "cities")
    programmes = [rules for city in cities for rules in load_folder(folder / city["code"]).values()]
    targets = _read_targets(folder, programmes)
    _load_cities(cities)
    _load_bureaus(_read(folder, "bureaus"))
    _load_documents(_read(folder, "documents"))
    load_formats(folder / "payout_formats.yaml")
    done = Loaded()
    for rules in programmes:
        _load_programme(rules, actor, done)
    load_targets(targets)
    return done


def _read_targets(folder: Path, programmes: list[Rules]) -> list[TargetEntry]:
    """A folder of programmes alone has no targets."""
    if not (folder / "targets.yaml").exists():
        return []
    documents = {entry["code"]: entry["city"] for entry in _read(folder, "documents")}
    codes: dict[str, set[str]] = {}
    for rules in programmes:
        codes.setdefault(rules.city, set()).add(rules.code)
    return read_targets(folder / "targets.yaml", documents=documents, programmes=codes)


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read_yaml(folder / f"{name}.yaml").data
    return entries


def _load_cities(cities: list[dict[str, Any]]) -> None:
    for city in cities:
        row, _ = City.objects.update_or_create(
            code=city["code"],
            defaults=_names(city["name"]) | {"abbreviation": city["abbreviation"]},
        )
        for district in city["districts"]:
            District.objects.update_or_create(
                city=row, code=district["code"], defaults=_names(district["name"])
            )


def _load_bureaus(bureaus: list[dict[str, Any]]) -> None:
    for bureau in bureaus:
        Bureau.objects.update_or_create(
            city_id=bureau["city"],
            code=bureau["code"],
            defaults=_names(bureau["name"])
            | {"full_name": bureau["full_name"], "kind": bureau["kind"]},
        )


def _load_documents(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        issued = _printed(document["issued"])
        PolicyDocument.objects.update_or_create(
            code=document["code"],
            defaults={
                "city_id": document["city"],
                "title_zh": document["title"]["zh"],
                "title_en": document["title"]["en"],
                "number": _printed(document["number"]) or "",
                "issued": date.fromisoformat(issued) if issued else None,
            },
        )


def _printed(value: str) -> str | None:
    return None if value == "null" else value


def _names(name: dict[str, str]) -> dict[str, str]:
    return {"name_zh": name["zh"], "name_en": name["en"]}


def _load_programme(rules: Rules, actor: User | None, done: Loaded) -> None:
    handling = Bureau.objects.get(city_id=rules.city, code=rules.bureaus.handling)
    told = {
        "document": PolicyDocument.objects.get(city_id=rules.city, code=rules.source.document),
        "section": rules.source.section,
        "case_type": rules.case_type,
        "title_zh": rules.title.zh,
        "title_en": rules.title.en,
    }
    programme, created = Programme.objects.update_or_create(
        city_id=rules.city,
        code=rules.code,
        defaults=told,
        create_defaults=told | {"handling_bureau": handling},
    )
    latest = programme.versions.order_by("-number").first()
    digest = digest_of(rules)
    if latest and _stands(programme, latest, digest):
        done.unchanged.append(rules.code)
        return
    if programme.drafts.filter(state=DraftState.PUBLISHED).exists():
        done.held.append(rules.code)
        return
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=latest.number + 1 if latest else 1,
        definition=dumps(rules.to_json()),
        digest=digest,
        loaded_by=actor,
    )
    (done.new if created else done.changed).append(rules.code)
    record(
        kind="programme.version_loaded",
        subject=rules.code,
        actor=actor,
        city=programme.city,
        data={"version": version.number, "digest": digest},
    )


def _stands(programme: Programme, latest: ProgrammeVersion, digest: str) -> bool:
    """Whether the file says what is in force or to come, or what editors have since replaced."""
    if latest.digest == digest:
        return True
    published = programme.drafts.filter(state=DraftState.PUBLISHED)
    return published.filter(based_on__digest=digest).exists()


@cache
def catalogue_programmes() -> Mapping[str, Rules]:
    """Every programme of the catalogue's files by code, read once; no database needed."""
    found: dict[str, Rules] = {}
    for city in _read(FOLDER, "cities"):
        found |= load_folder(FOLDER / city["code"])
    return MappingProxyType(found)
