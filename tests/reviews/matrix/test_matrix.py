"""State × action × role: allowed exactly where it should be, by every door; else no row changes."""

import inspect
import os
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
import time_machine
from django.test import Client

import reviews.domain
from reviews.admin.doors import DOORS
from reviews.models.lifecycle import CaseState
from tests.factories import Cast, bureau
from tests.reviews.matrix import roles_page
from tests.reviews.matrix.people import HANDLING, OUTSIDERS
from tests.reviews.matrix.roles_page import NOTHING
from tests.reviews.matrix.scene import Scene
from tests.reviews.matrix.stages import PAID, STAGES
from tests.reviews.matrix.trying import DONE, Answer, by_api, by_desk, by_verb, undone
from tests.reviews.matrix.verbs import ELSEWHERE, VERBS, Verb

WRITE = bool(os.environ.get("HUIQI_WRITE_DOCS"))
REFUSALS = {"NotAllowed", "Refused", "Conflict"}
STRANGERS = {"NotAllowed"}
DESK = ({"302"}, {"302", "403", "404", "422"})
API = ({"200", "201"}, {"400", "403", "404", "409"})
FULLY = ("all roles", "proposer with all roles", "auditor")


def marked() -> Iterator[Any]:
    """At night alone: a second stage of a state, unless a verb is tried at every door there."""
    homes, seen = {verb.home for verb in VERBS}, set[str]()
    for name, stage in STAGES.items():
        again = stage.state in seen and name not in homes
        seen.add(stage.state)
        yield pytest.param(name, marks=[pytest.mark.nightly] if again else [])


@pytest.mark.parametrize("stage", list(marked()))
def test_every_verb_by_everybody(db: None, stage: str) -> None:
    cast = Cast(PAID)
    case = STAGES[stage].build(cast)
    assert case.state == STAGES[stage].state
    with time_machine.travel(STAGES[stage].at(case), tick=False):
        scene = Scene(cast, case)
        wrong = [said for verb in VERBS for said in tried_by_all(scene, verb)]
        wrong += [
            said for verb in VERBS if verb.desk for said in tried_at_doors(scene, verb, stage)
        ]
        assert wrong == []
        assert scene.rows.changed() == []
        assert_page_tells(stage, scene)


def assert_page_tells(stage: str, scene: Scene) -> None:
    """docs/roles.md is up to date; `HUIQI_WRITE_DOCS=1` writes it anew."""
    told = roles_page.section(scene)
    if WRITE:
        roles_page.keep({stage: told})
    assert roles_page.read()[1].get(stage) == told
    nowhere = [who for verb in roles_page.STEPS for who in scene.may(verb) if who in NOTHING]
    assert nowhere == []


def tried_by_all(scene: Scene, verb: Verb) -> Iterator[str]:
    """The verb itself: done for whom it is open, refused for the others, who changed no row."""
    may = scene.may(verb)
    for who, user in scene.people.items():
        answer = undone(scene.rows, by_verb, verb, scene.case, user)
        expected = {DONE} if who in may else STRANGERS if may and who in OUTSIDERS else REFUSALS
        if answer.said not in expected or answer.changed:
            yield f"{verb.key} by {who}: {answer}, expected {expected}"


def tried_at_doors(scene: Scene, verb: Verb, stage: str) -> Iterator[str]:
    """The desk and the API: everybody at the verb's own stage, else one of each kind."""
    may = scene.may(verb)
    whole = verb.home == stage
    for who in scene.people if whole else some(may):
        client, at = scene.clients[who], bureau(verb.bureau).pk if verb.bureau else None
        desk = undone(scene.rows, by_desk, verb, scene.case, client, at)
        api = undone(scene.rows, by_api, verb, scene.case, client)
        for door, answer, statuses in (("desk", desk, DESK), ("api", api, API)):
            wanted = statuses[who not in may]
            if answer.said not in wanted or bool(answer.changed) != (who in may):
                yield f"{verb.key} by {who} at the {door}: {answer}, expected {wanted}"
    if whole:
        yield from unknown(scene, verb)
    if whole and not may:
        yield f"{verb.key} is open to nobody at its own stage"


def some(may: set[str]) -> list[str]:
    """Of those with most roles one who may not; where the step is open, one who may, a stranger."""
    refused = [who for who in FULLY if who not in may][:1]
    return [*sorted(may)[:1], *refused, "somebody"] if may else refused


def unknown(scene: Scene, verb: Verb) -> Iterator[str]:
    at = bureau(verb.bureau).pk if verb.bureau else None
    desk = undone(scene.rows, by_desk, verb, scene.case, Client(), at)
    api = undone(scene.rows, by_api, verb, scene.case, Client())
    if (desk, api) != (Answer("302", []), Answer("401", [])):
        yield f"{verb.key} without signing in: {desk}, {api}"


def test_the_stages_reach_every_state() -> None:
    reached = {stage.state for stage in STAGES.values()}
    assert reached | {CaseState.CONCLUDED} == set(CaseState)  # that one ends what pays nothing


def public_verbs() -> Iterator[tuple[str, Any]]:
    """Functions of reviews.domain that somebody calls on one of a case's rows, by keyword."""
    named = {"case_id", "case_ids", "task_id", "objection_id", "reconsideration_id", "item_id"}
    for module in iter_modules(reviews.domain.__path__):
        for name, found in vars(import_module(f"reviews.domain.{module.name}")).items():
            verb = inspect.unwrap(found) if inspect.isfunction(found) else None
            if verb is None or name.startswith("_") or not verb.__module__.endswith(module.name):
                continue
            given = {
                one.name
                for one in inspect.signature(verb).parameters.values()
                if one.kind == one.KEYWORD_ONLY
            }
            if given & {"user", "by"} and given & named:
                yield module.name, verb


def test_every_verb_on_a_case_is_in_the_table() -> None:
    here = {inspect.unwrap(verb.does) for verb in VERBS}
    named = [(module, f"{module}.{verb.__name__}", verb) for module, verb in public_verbs()]
    missing = [
        name
        for module, name, verb in named
        if verb not in here and not {module, name} & set(ELSEWHERE)
    ]
    assert missing == []


def test_every_step_is_tried_by_everybody_at_its_doors_somewhere() -> None:
    nowhere = {verb.key for verb in VERBS if verb.desk and verb.home not in STAGES}
    of_handling = {verb.key for verb in VERBS if verb.bureau == HANDLING}
    assert nowhere == of_handling | {("conclude", None)}  # this programme pays: it ends in an award


def test_every_step_has_both_doors() -> None:
    by_name = {verb.name for verb in VERBS if verb.desk and verb.api}
    assert {verb.name for verb in VERBS if verb.allowed is None} | {"declare"} == by_name
    assert by_name <= set(DOORS)
    assert [name for name in DOORS if name not in {verb.name for verb in VERBS}] == []


def test_the_page_of_roles_has_these_stages_and_no_others() -> None:
    if WRITE:
        roles_page.keep({})
    before, sections = roles_page.read()
    assert (before.strip(), list(sections)) == (roles_page.head().strip(), list(STAGES))
