"""What staff do at the desk: the cases, the payout batches and the ledger in the admin."""

import re
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Locator, expect

from reviews.admin.doors import DOORS
from reviews.demo import people
from tests.e2e.visitor import Visitor
from tests.e2e.words import said

CASES = "/admin/reviews/application/"
BATCHES = "/admin/incentives/payoutbatch/"
LEDGER = "/admin/incentives/ledgerentry/"
ROUNDS = "/admin/reviews/scoringround/"
OBJECTIONS = "/admin/reviews/objection/"


class Officer(Visitor):
    def sees_cases(self, number: str = "") -> list[str]:
        """The numbers that the list of all cases shows this person."""
        self.open(f"{CASES}?{urlencode({'queue': 'all', 'q': number})}")
        return self.page.locator("#result_list .field-case_number a").all_inner_texts()

    def open_case(self, number: str) -> None:
        self.sees_cases(number)
        self.page.get_by_role("link", name=number, exact=True).click()
        expect(self.page.locator(".case__number")).to_have_text(number)
        if self.may("declare"):
            self.act("declare", conflict="no")

    def act(self, name: str, **fields: object) -> None:
        """One step of the case that is open, seen to be done."""
        self.answer_step(name, **fields)
        self.finish_step(name)

    def answer_step(self, name: str, **fields: object) -> None:
        step = self.step(name)
        if step.get_attribute("open") is None:
            step.locator("summary").first.click()
        prefix = step.get_attribute("id")
        self.fill(step, **{f"{prefix}-{field}": value for field, value in fields.items()})

    def finish_step(self, name: str) -> None:
        self.press(DOORS[name].button, self.step(name))
        expect(self.page.locator(".messagelist")).to_contain_text(said(DOORS[name].done))

    def is_told(self, words: object) -> None:
        expect(self.page.locator(".messagelist")).to_contain_text(said(words))

    def choose_cases(self, action: str, *numbers: str) -> None:
        """From the list of all cases, for a step over many: its preview."""
        self.sees_cases()
        for number in numbers:
            row = self.page.locator("#result_list tr").filter(has_text=number)
            row.locator("input.action-select").check()
        self.page.locator("select[name=action]").first.select_option(action)
        self.page.locator(".actions button[name=index]").first.click()

    def open_objection(self, number: str) -> None:
        self.open(OBJECTIONS)
        self.page.get_by_role("link", name=number, exact=True).click()

    def step(self, name: str) -> Locator:
        """With the key of the bureau behind the name where an opinion is meant."""
        own = f'details.step[id="{name}"], details.step[id^="{name}-"]'
        return self.page.locator(own)

    def may(self, name: str) -> bool:
        return self.step(name).count() == 1

    def prepare_batch(self, number: str) -> str:
        """Of what one case is owed; the number of the batch."""
        self.open(f"{BATCHES}add/")
        row = self.page.get_by_role("row").filter(has_text=number)
        row.get_by_role("checkbox").check()
        self.press("Prepare a batch")
        self.reads("The batch is prepared; another person approves it.")
        return self.page.locator("#content h1").first.inner_text()

    def confirm_anew(self) -> None:
        """Before money leaves, the password is asked for again; then the step goes on by itself."""
        expect(self.page).to_have_url(re.compile("/accounts/reauthenticate/"))
        self.fill(password=people.PASSWORD)
        self.press("Confirm")

    def open_batch(self, number: str) -> None:
        self.open(BATCHES)
        self.page.get_by_role("link", name=number, exact=True).click()

    def download(self, link: Locator) -> Path:
        with self.page.expect_download() as waiting:
            link.click()
        return Path(waiting.value.path())
