"""The columns of a bureau's list: which heading means what, and what a cell of it reads as."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.domain.errors import Refused
from incentives.domain.facts import as_text
from incentives.domain.language import chosen
from incentives.domain.registry_keys import Offered, offered_facts
from incentives.domain.registry_words import Said, bad_value
from incentives.models.registry import ImportKind
from incentives.policy.facts import read_fact
from incentives.policy.questions import ChoiceFact, RosterFact
from incentives.policy.scalars import plain
from incentives.policy.text import BadValue


class Heading(NamedTuple):
    """A column that every list of a kind may have: its label, and the names it is known by."""

    label: Any
    names: tuple[str, ...]


ORGANISATION: Mapping[str, Heading] = {
    "uscc": Heading(
        gettext_lazy("unified social credit code"),
        ("统一社会信用代码", "信用代码", "unified social credit code"),
    ),
    "name": Heading(gettext_lazy("name"), ("名称", "单位名称", "企业名称", "name")),
    "kind": Heading(gettext_lazy("kind"), ("单位类型", "类型", "种类", "kind")),
    "district": Heading(
        gettext_lazy("district"), ("区（市）", "所属区市", "区市", "区县", "district")
    ),
}
RECOGNITION: Mapping[str, Heading] = {
    "uscc": ORGANISATION["uscc"],
    "name": ORGANISATION["name"],
    "title": Heading(gettext_lazy("title code"), ("称号代码", "称号", "title code")),
    "level": Heading(gettext_lazy("level"), ("级别", "level")),
    "from": Heading(gettext_lazy("valid from"), ("认定日期", "起始日期", "valid from")),
    "until": Heading(gettext_lazy("valid until"), ("有效期至", "截止日期", "valid until")),
    "subject": Heading(gettext_lazy("subject"), ("认定对象", "对象", "subject")),
    "number": Heading(gettext_lazy("certificate number"), ("证书编号", "certificate number")),
}
WHOSE: Mapping[str, Heading] = {
    "uscc": ORGANISATION["uscc"],
    "identity": Heading(
        gettext_lazy("identity number"), ("身份证号", "身份证号码", "identity number")
    ),
    "identity_hmac": Heading(gettext_lazy("fingerprint of the identity number"), ()),
    "name": ORGANISATION["name"],
    "programme": Heading(
        gettext_lazy("programme"),
        ("政策事项", "政策事项代码", "事项代码", "programme", "programme code"),
    ),
}
AWARD: Mapping[str, Heading] = {
    **WHOSE,
    "number": Heading(
        gettext_lazy("case or document number"),
        ("文号或编号", "文号", "办件编号", "document number"),
    ),
    "on": Heading(gettext_lazy("approved on"), ("批准日期", "审定日期", "approved on")),
    "amount": Heading(gettext_lazy("amount in yuan"), ("金额（元）", "兑现金额", "amount in yuan")),
}
BALANCE: Mapping[str, Heading] = {
    **WHOSE,
    "cap": Heading(gettext_lazy("cap, event or tally"), ("上限代码", "上限", "cap")),
    "year": Heading(gettext_lazy("year it counts in"), ("计入年度", "year it counts in")),
    "amount": Heading(gettext_lazy("used so far"), ("已使用", "期初已用", "used so far")),
}
LISTING: Mapping[str, Heading] = {
    "uscc": WHOSE["uscc"],
    "identity": WHOSE["identity"],
    "identity_hmac": WHOSE["identity_hmac"],
    "name": Heading(gettext_lazy("name"), (*ORGANISATION["name"].names, "主体名称", "姓名")),
    "list": Heading(gettext_lazy("list"), ("名单", "名单名称", "list")),
    "from": Heading(gettext_lazy("listed from"), ("列入日期", "起始日期", "listed from")),
    "until": Heading(gettext_lazy("listed until"), ("移出日期", "截止日期", "listed until")),
    "document": Heading(gettext_lazy("deciding document"), ("依据文书", "文号", "案号")),
}
HIDDEN = frozenset({"identity_hmac"})
FIXED = {
    ImportKind.FACTS: ORGANISATION,
    ImportKind.RECOGNITIONS: RECOGNITION,
    ImportKind.AWARDS: AWARD,
    ImportKind.BALANCES: BALANCE,
    ImportKind.CREDIT: LISTING,
}
NEEDED = {
    ImportKind.FACTS: ("uscc", "name"),
    ImportKind.RECOGNITIONS: ("uscc", "title", "from"),
    ImportKind.AWARDS: ("uscc", "programme", "number", "on", "amount"),
    ImportKind.BALANCES: ("uscc", "programme", "cap", "amount"),
    ImportKind.CREDIT: ("uscc", "name", "list", "from"),
}
FACTLESS = frozenset({ImportKind.RECOGNITIONS, ImportKind.CREDIT})


@dataclass(frozen=True)
class Columns:
    """The meaning of each column of a list, in its order; facts by their registry key."""

    keys: tuple[str, ...]
    facts: Mapping[str, Offered]
    read: dict[tuple[str, str], tuple[str, Said | None]] = field(default_factory=dict)

    def value(self, key: str, text: str) -> tuple[str, Said | None]:
        """A fact's cell as the registry keeps it, or what is wrong with it. Each text once."""
        if (key, text) not in self.read:
            self.read[key, text] = read_cell(self.facts[key], text)
        return self.read[key, text]


def columns_of(kind: str, headings: Iterable[str], city: str) -> Columns:
    """Raises Refused on `file`, naming every heading that is unknown, ambiguous or doubled."""
    fixed = FIXED[ImportKind(kind)]
    facts = offered_facts(city) if kind not in FACTLESS else {}
    meanings = {**_meanings(facts), **_fixed_meanings(fixed)}
    problems: list[str] = []
    keys = [_meaning(place, h, meanings, problems) for place, h in enumerate(headings, 1)]
    problems += [
        _("Two columns are “%s”; leave one of them out.") % key
        for key in sorted({k for k in keys if k and keys.count(k) > 1})
    ]
    problems += [
        _("The column “%s” is missing.") % chosen_label(kind, key)
        for key in NEEDED[ImportKind(kind)]
        if key not in keys
    ]
    if problems:
        raise Refused({"file": problems})
    return Columns(tuple(keys), facts)


def chosen_label(kind: str, key: str) -> str:
    """A fixed column as the template of the reader's language writes it."""
    return str(FIXED[ImportKind(kind)][key].label)


def _meaning(
    place: int, heading: str, meanings: Mapping[str, set[str]], problems: list[str]
) -> str:
    found = sorted(meanings.get(_bare(heading), ()))
    if len(found) == 1:
        return found[0]
    if not heading:
        problems.append(_("Column %s has no heading.") % place)
    elif found:
        told = {"heading": heading, "keys": ", ".join(found)}
        problems.append(_("“%(heading)s” may mean several facts; write one of: %(keys)s.") % told)
    else:
        problems.append(
            _("“%s” is no column of such a list; see the template for those there are.") % heading
        )
    return ""


def _bare(heading: str) -> str:
    return "".join(plain(heading).lower().split())


def _fixed_meanings(fixed: Mapping[str, Heading]) -> dict[str, set[str]]:
    return {_bare(name): {key} for key, one in fixed.items() for name in (key, *one.names)}


def _meanings(facts: Mapping[str, Offered]) -> dict[str, set[str]]:
    """Every name of a fact; the whole key of one always means that one alone."""
    found: dict[str, set[str]] = {}
    for key, offered in facts.items():
        labels = {label for fact in offered.declared for label in (fact.label.zh, fact.label.en)}
        for name in {key.rpartition(".")[2], *labels}:
            found.setdefault(_bare(name), set()).add(key)
    return found | {_bare(key): {key} for key in facts}


def read_cell(offered: Offered, text: str) -> tuple[str, Said | None]:
    """By the first declaration that can read it: programmes may offer different options."""
    problem = None
    for fact in offered.declared:
        if isinstance(fact, RosterFact):
            continue
        try:
            return as_text(fact, read_fact(fact, _option(fact, text))), None
        except BadValue as bad:
            problem = problem or bad_value(bad)
    return text, problem


def _option(fact: Any, text: str) -> str:
    """The code of an option that is written by its name."""
    if not isinstance(fact, ChoiceFact):
        return text
    bare = plain(text)
    names = {name: key for key, label in fact.of.items() for name in (label.zh, label.en)}
    return names.get(bare, bare)


def label_of(columns: Columns, kind: str, key: str) -> str:
    """A column's name for the reader."""
    if key in FIXED[ImportKind(kind)]:
        return chosen_label(kind, key)
    return chosen(columns.facts[key].fact.label) if key in columns.facts else key
