"""What happens between two scenes of a journey; the whole of it is played in another."""

from applicants.models import City
from incentives.models import Bureau, Programme
from reviews.demo import people, rounds, walk
from reviews.demo.cases import staff_of
from reviews.domain import rounds_experts
from reviews.models import Application
from reviews.models.staff import Role


def reviewed(number: str) -> Application:
    """Accepted, every opinion given and every fact confirmed."""
    case = Application.objects.get(number=number)
    staff = staff_of(case.city_id)
    walk.accept(case, staff)
    walk.give_opinions(case, staff)
    walk.confirm_facts(case, staff)
    return case


def agree_the_rest(number: str) -> None:
    """The bureaus that have not given their opinion yet agree."""
    case = Application.objects.get(number=number)
    walk.give_opinions(case, staff_of(case.city_id))


def rival(code: str, project: str, firm: int) -> Application:
    """Another firm's case of the same programme, as far as `reviewed`."""
    clerk, party = rounds.firm(*rounds.FIRMS[firm])
    programme = Programme.objects.get(code=code)
    facts = walk.example_facts(programme)[0] | {"project_number": project}
    case = walk.draft(party=party, programme=programme, clerk=clerk, facts=facts)
    walk.submit(case, clerk)
    case.refresh_from_db()
    return reviewed(str(case.number))


def determined(case: Application, amount: int) -> None:
    staff = staff_of(case.city_id)
    walk.propose(case, staff, {"amount": str(amount)})
    walk.approve(case, staff)
    walk.check(case, staff)


def experts(count: int) -> list[str]:
    """So many in the pool of the city; their addresses."""
    keeper = people.user(people.office_address(Role.POLICY_EDITOR), "")
    addresses = [rounds.address(number) for number in range(1, count + 1)]
    for number, email in enumerate(addresses, 1):
        person = people.user(email, f"评审专家 {number}")
        rounds_experts.add_expert(
            city=City.objects.get(pk=people.CITY), email=person.email, employer=f"评审单位{number}",
            employer_uscc="", fields="关键技术攻关", user=keeper,
        )  # fmt: skip
    return addresses


def second_leader() -> str:
    """The post of one more leader of the handling bureau, who has signed nothing."""
    bureau = Bureau.objects.get(city=people.CITY, code="sti")
    deputy = people.user("sti.deputy@demo.example", f"{bureau.name_zh} 副职", is_staff=True)
    people.give(deputy, people.CITY, Role.LEADER, bureau)
    return "sti.deputy"
