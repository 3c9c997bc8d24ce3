from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from config import extraction, messages


def catalog(*entries: tuple[str | tuple[str, str], str]) -> Catalog:
    made = Catalog(locale="zh_Hans")
    for english, chinese in entries:
        plural = isinstance(english, tuple)
        made.add(english, (chinese,) if plural else chinese, locations=[("app/views.py", 7)])
    return made


def test_sentences_are_found_in_code_and_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "applicants/templates").mkdir(parents=True)
    (tmp_path / "applicants/views.py").write_text(
        'a = _("Saved")\nb = ngettext_lazy("%(n)s case", "%(n)s cases", n)\n'
        'c = pgettext("month", "May")\n'
    )
    (tmp_path / "applicants/templates/page.html").write_text(
        '<p>\n    {% translate "Welcome" %}\n  {% blocktranslate with name=user.name trimmed %}\n'
        "    Dear {{ name }},\n    good day\n  {% endblocktranslate %}\n</p>"
    )
    for module in (extraction, messages):
        monkeypatch.setattr(module, "BASE", tmp_path)
    found = {(message.id, message.context) for message in extraction.extracted() if message.id}
    assert found == {
        (("%(n)s case", "%(n)s cases"), None),
        ("Dear %(name)s, good day", None),
        ("May", "month"),
        ("Saved", None),
        ("Welcome", None),
    }


@pytest.mark.parametrize(
    ("wanted", "have", "said"),
    [
        ([("Saved", "")], [("Saved", "已保存")], []),
        ([("Saved", "")], [], ["app/views.py:7: no Chinese for 'Saved'"]),
        ([("Saved", "")], [("Saved", "")], ["app/views.py:7: no Chinese for 'Saved'"]),
        (
            [],
            [("Saved", "已保存")],
            ["locale/zh_Hans/LC_MESSAGES/django.po: no longer used: 'Saved'"],
        ),
        (
            [("%(n)s left", "")],
            [("%(n)s left", "还剩 %(m)s")],
            ["app/views.py:7: other placeholders in the Chinese of '%(n)s left': '还剩 %(m)s'"],
        ),
        ([(("one case", "%(n)s cases"), "")], [(("one case", "%(n)s cases"), "%(n)s 件")], []),
        (
            [("保存", "")],
            [("保存", "保存")],
            ["app/views.py:7: written in Chinese, should be English: '保存'"],
        ),
    ],
)
def test_what_is_wrong_is_named(
    wanted: list[tuple[str, str]], have: list[tuple[str, str]], said: list[str]
) -> None:
    assert list(messages.problems(catalog(*wanted), catalog(*have))) == said


def test_merging_keeps_the_old_takes_the_new_and_drops_the_unused() -> None:
    wanted = catalog(("Saved", ""), ("Two\n   lines", ""), (("one", "many"), ""), ("New", ""))
    old = catalog(("Saved", "旧"), ("Gone", "无"), ("New", "旧"))
    new = {"New": "新", "Two lines": "两行", "one||many": "若干"}
    result = messages.merged(wanted, old, new)
    assert {str(m.id): m.string for m in result if m.id} == {
        "Saved": "旧",
        "Two\n   lines": "两行",
        "('one', 'many')": ("若干",),
        "New": "新",
    }


def test_what_is_written_is_read_back_and_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "FILE", tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po")
    messages.write(catalog(("Saved", "已保存")))
    first = messages.FILE.read_bytes()
    messages.write(messages.known())
    assert messages.FILE.read_bytes() == first
    messages.compile_translations()
    assert "已保存".encode() in messages.FILE.with_suffix(".mo").read_bytes()
