"""Somebody at a browser: what people do on any page, so that a journey reads like a story."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.words import said

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
WIDTH = "document.documentElement.scrollWidth"


class Visitor:
    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> int:
        """The status of the answer."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def sign_in(self, email: str, password: str) -> None:
        self.open("/accounts/login/")
        self.fill(login=email, password=password)
        self.press("Sign in")

    def press(self, words: object, within: Locator | None = None) -> None:
        button = (within or self.main).get_by_role("button", name=said(words), exact=True)
        button.click()

    def follow(self, words: object) -> None:
        self.page.get_by_role("link", name=said(words), exact=True).first.click()

    def fill(self, within: Locator | None = None, **values: object) -> None:
        """By the names of the fields: text, choices, ticks and files."""
        for name, value in values.items():
            self.answer(name, value, within or self.main)

    def answer(self, name: str, value: object, within: Locator | None = None) -> None:
        field = (within or self.main).locator(f'[name="{name}"]')
        kind = field.first.get_attribute("type") or field.first.evaluate("e => e.localName")
        if kind == "radio":
            field.and_(self.page.locator(f'[value="{value}"]')).check()
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif kind == "select":
            field.select_option(str(value))
        elif kind == "file":
            field.set_input_files(value)
        else:
            field.fill(str(value))

    def reads(self, words: object, **values: object) -> None:
        expect(self.main).to_contain_text(said(words, **values))

    def does_not_read(self, words: object) -> None:
        expect(self.main).not_to_contain_text(said(words))

    @property
    def main(self) -> Locator:
        """What the page is about, without its head and menus."""
        return self.page.locator("main").first

    def fits_a_phone(self, *paths: str) -> None:
        self.page.set_viewport_size(PHONE)
        wide = {}
        for path in paths or (self.page.url,):
            self.page.goto(path)
            if (width := self.page.evaluate(WIDTH)) > PHONE["width"]:
                wide[path] = width
        self.page.set_viewport_size(DESKTOP)
        assert wide == {}, wide
