"""Load the catalogue into the database: idempotent, and every change of a file a new version."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from applicants.domain.events import record
from applicants.models import City, District, User
from incentives.models import Bureau, PolicyDocument, Programme, ProgrammeVersion
from incentives.policy import load
from incentives.policy.programme import Programme as Rules

FOLDER = Path(__file__).parents[1] / "catalogue"


@dataclass
class Loaded:
    """What a run did: codes of programmes new, changed (a new version) and unchanged."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


@transaction.atomic
def load_catalogue(*, folder: Path = FOLDER, actor: User | None = None) -> Loaded:
    """Read the whole folder before writing anything: one wrong file and nothing changes."""
    cities = load.cities(folder)
    programmes = [rules for code in cities for rules in load.load_folder(folder / code).values()]
    _load_places(folder)
    done = Loaded()
    for rules in programmes:
        _load_programme(rules, actor, done)
    return done


def _load_places(folder: Path) -> None:
    for code, city in load.cities(folder).items():
        row, _ = City.objects.update_or_create(code=code, defaults=_names(city["name"]))
        for district in city.get("districts", []):
            District.objects.update_or_create(
                city=row, code=district["code"], defaults=_names(district["name"])
            )
    for bureau in load.bureaus(folder):
        Bureau.objects.update_or_create(
            city_id=bureau["city"],
            code=bureau["code"],
            defaults=_names(bureau["name"])
            | {"full_name": bureau["full_name"], "kind": bureau["kind"]},
        )
    for document in load.documents(folder):
        issued = document.get("issued")
        PolicyDocument.objects.update_or_create(
            code=document["code"],
            defaults={
                "city_id": document["city"],
                "title_zh": document["title"]["zh"],
                "title_en": document["title"]["en"],
                "number": document.get("number") or "",
                "issued": date.fromisoformat(issued) if issued else None,
            },
        )


def _names(name: dict[str, str]) -> dict[str, str]:
    return {"name_zh": name["zh"], "name_en": name["en"]}


def _load_programme(rules: Rules, actor: User | None, done: Loaded) -> None:
    document = PolicyDocument.objects.get(code=rules.source.document)
    handling = Bureau.objects.get(city_id=rules.city, code=rules.bureaus.handling)
    programme, created = Programme.objects.update_or_create(
        city_id=rules.city,
        code=rules.code,
        defaults={
            "document": document,
            "section": rules.source.section,
            "case_type": rules.case_type,
            "title_zh": rules.title.zh,
            "title_en": rules.title.en,
        },
        create_defaults={
            "document": document,
            "section": rules.source.section,
            "case_type": rules.case_type,
            "title_zh": rules.title.zh,
            "title_en": rules.title.en,
            "handling_bureau": handling,
        },
    )
    latest = programme.versions.order_by("-number").first()
    digest = load.digest(rules)
    if latest and latest.digest == digest:
        done.unchanged.append(rules.code)
        return
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=latest.number + 1 if latest else 1,
        definition=load.to_json(rules),
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
