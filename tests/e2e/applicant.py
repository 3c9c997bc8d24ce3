"""What the applicant's side does in the portal."""

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.visitor import Visitor
from tests.e2e.words import said


class Applicant(Visitor):
    def sign_up(self, email: str, password: str) -> None:
        self.open("/")
        self.follow("Create an account")
        self.fill(email=email, password1=password, password2=password)
        self.press("Create an account")

    def find_programme(self, words: str) -> None:
        self.open("/programmes/")
        self.fill(words=words)
        self.press("Find")
        self.page.get_by_role("link", name=words, exact=True).click()

    def start(self, code: str, city: str = "qingdao") -> int:
        """Open the form of a programme's page; the key of the draft."""
        self.open(f"/programmes/{city}/{code}/")
        self.press("Apply")
        self.page.wait_for_url("**/form/")
        return int(self.page.url.rstrip("/").split("/")[-2])

    def state_facts(self, **facts: object) -> None:
        self.fill(**{f"fact-{key}": value for key, value in facts.items()})

    def upload_everywhere(self, paper: Path) -> None:
        """The same paper beside every fact that asks for one."""
        for field in self.page.locator("input[type=file]").all():
            field.set_input_files(paper)

    def enter_payee(self, **person: object) -> None:
        self.fill(**person)
        self.press("Enter")
        self.reads("The payee is entered.")

    def check_answers(self) -> None:
        self.press("Save and check")
        self.page.wait_for_url("**/check/")

    def submit(self) -> str:
        """From the checked answers to the receipt; the case number."""
        self.fill(declaration=True)
        self.press("Submit")
        self.page.wait_for_url("**/receipt/")
        return self.page.locator(".amount--large").inner_text()

    def open_case(self, number: str) -> None:
        self.open("/cases/")
        row = self.page.get_by_role("row").filter(has_text=number)
        row.get_by_role("link").click()
        expect(self.page.locator("h1")).to_be_visible()

    def titles_of_messages(self) -> list[str]:
        self.open("/inbox/")
        return self.page.locator(".inbox li a").all_inner_texts()

    def sees_state(self, words: object) -> None:
        expect(self.page.locator(".tag").filter(has_text=said(words)).first).to_be_visible()
