import pytest

from applicants.domain.errors import Refused
from reviews.domain.saved_views import MOST, delete_view, rename_view, save_view, views_of
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.threads import at_once


@pytest.fixture
def person(db):
    return make_staff(Role.PREPARER, "sti")


def test_a_filter_without_the_place_in_the_list(person):
    view = save_view(name=" 本周  到期 ", query="deadline=soon&p=3&before=9&q=示范", user=person)
    assert (view.name, view.query) == ("本周 到期", "deadline=soon&q=%E7%A4%BA%E8%8C%83")


def test_the_same_name_replaces(person):
    for query in ("state=accepted", "state=proposed"):
        save_view(name="我的", query=query, user=person)
    assert list(views_of(person).values_list("query", flat=True)) == ["state=proposed"]


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        ("", "q=1", "name"),
        ("x" * 61, "q=1", "name"),
        ("空", "p=2", "query"),
        ("长", "q=" + "x" * 1000, "query"),
    ],
)
def test_refused_by_field(person, name, query, field):
    with pytest.raises(Refused) as refused:
        save_view(name=name, query=query, user=person)
    assert list(refused.value.message_dict) == [field]


def test_twenty_a_person(person):
    for serial in range(MOST):
        save_view(name=f"视图{serial}", query="q=1", user=person)
    with pytest.raises(Refused):
        save_view(name="再多一个", query="q=1", user=person)
    save_view(name="视图0", query="q=2", user=person)
    assert views_of(person).count() == MOST


def test_two_windows_do_not_pass_the_limit(committed_db):
    person = make_staff(Role.PREPARER, "sti")
    for serial in range(MOST - 1):
        save_view(name=f"视图{serial}", query="q=1", user=person)
    at_once([lambda one=one: save_view(name=f"新{one}", query="q=1", user=person) for one in "abc"])
    assert views_of(person).count() == MOST


def test_renamed_and_deleted_by_its_owner_alone(person):
    view = save_view(name="甲", query="q=1", user=person)
    save_view(name="乙", query="q=1", user=person)
    with pytest.raises(Refused):
        rename_view(view_id=view.pk, name="乙", user=person)
    assert rename_view(view_id=view.pk, name="丙", user=person).name == "丙"
    stranger = make_staff(Role.PREPARER, "sti")
    for attempt in (
        lambda: rename_view(view_id=view.pk, name="丁", user=stranger),
        lambda: delete_view(view_id=view.pk, user=stranger),
    ):
        with pytest.raises(Refused):
            attempt()
    delete_view(view_id=view.pk, user=person)
    assert [one.name for one in views_of(person)] == ["乙"]
