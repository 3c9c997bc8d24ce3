import pytest

from tests.api.client import Api, errors

CODE = "tech-sme-rd-reward"
PATH = f"programmes/qingdao/{CODE}/"
FACTS = {"expense_year": 2020, "technology_sme": True, "rd_expenses": "19999999.80"}


def codes(query: str) -> list[str]:
    return [row["code"] for row in Api().get(f"programmes/?page_size=500&{query}")["results"]]


def test_the_list_is_public_and_narrows(db: None) -> None:
    everything = codes("")
    assert len(everything) == 252
    assert CODE in codes("search=研发奖励")
    assert codes("search=no such words") == []
    assert set(codes("document=qd-new-economy")) < set(everything)
    assert set(codes("bureau=sti")) < set(everything)
    assert CODE not in codes("applicant_kind=person")
    cities = [codes(f"city={city}") for city in ("qingdao", "dalian")]
    assert sorted(cities[0] + cities[1]) == sorted(everything)
    assert set(codes("bureau=dalian:sti")) < set(cities[1])
    assert set(codes("outcome=voucher")) == set(codes("case_type=voucher")) < set(everything)


def test_a_programme_says_what_it_promises(db: None) -> None:
    shown = Api().get(PATH)
    assert shown["quote"].startswith("对科技型中小企业按其可加计扣除研发费用的5%")
    assert shown["bureaus"] == ["sti", "miit", "finance"]
    assert [bureau["code"] for bureau in shown["responsible"]] == shown["bureaus"]
    assert [fact["key"] for fact in shown["facts"]] == list(FACTS)
    assert shown["caps"][0]["limit"] == "1000000.00"
    assert {one["name"]: one["reading"] for one in shown["assumptions"]} == {
        "cap_year": "expense_year",
        "base": "eligible_expense",
        "same_expenses_twice": "warn",
    }
    assert shown["examples"][0]["amount"] == "400000.00"
    Api().get("programmes/qingdao/none-such/", 404)


@pytest.mark.parametrize("written", ["19999999.80", 19999999.8])
def test_an_assessment_is_exact_however_the_sum_is_written(db: None, written: object) -> None:
    found = Api().post(f"{PATH}assess/", {"facts": FACTS | {"rd_expenses": written}})
    assert (found["decision"], found["amount"]) == ("eligible", "999999.99")


def test_an_assessment_shows_what_a_cap_takes(db: None) -> None:
    body = {"facts": FACTS | {"rd_expenses": "30000000"}, "on": "2021-06-01"}
    found = Api().post(f"{PATH}assess/", body)
    assert (found["amount"], found["on"]) == ("1000000.00", "2021-06-01")
    assert [cap["cuts"] for cap in found["caps"]] == ["500000.00", None]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"facts": {"rd_expenses": "much"}}, ["facts.rd_expenses"]),
        ({"facts": {"colour": "red"}}, ["facts.colour"]),
        ({"facts": []}, ["facts"]),
        ({"choices": {"rate": "5%"}}, ["choices.rate"]),
        ({"on": "yesterday"}, ["on"]),
        ({"fact": {}}, ["fact"]),
    ],
)
def test_what_cannot_be_read_is_named(db: None, body: object, fields: list[str]) -> None:
    answer = Api().post(f"{PATH}assess/", body, 400)
    assert list(errors(answer)) == fields
    assert all(errors(answer).values())


NO_JSON = ["{", "[1", '{"facts": NaN}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', "\ufeff{}"]


@pytest.mark.parametrize("sent", NO_JSON)
def test_what_is_no_json_is_refused(db: None, sent: str) -> None:
    answer = Api().client.post(f"/api/{PATH}assess/", sent, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["type"] == "client_error"
