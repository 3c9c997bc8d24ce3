"""What a programme that loads can still have wrong: a red example, or a number nothing holds."""

from .perturb import loose_numbers
from .programme import Programme
from .proof import failures
from .text import text
from .yamlfile import Document, FileProblem

COMPUTED = text("请更正例子或规则", "correct the example or the rule")
AT_BOUNDARY = text("请补一个恰在此界限上的例子", "add an example at this boundary")


def red_examples(programme: Programme, document: Document) -> list[FileProblem]:
    """Every answer that differs from what an example says, with the example's line."""
    return [
        FileProblem(
            document.file,
            document.lines["examples", index],
            f"examples.{index}",
            text(f"例子“{example.title.zh}”：{said}", f"{example.title.en}: {said}"),
            COMPUTED,
        )
        for index, example in enumerate(programme.examples)
        for said in failures(programme, example)
    ]


def loose_in(document: Document) -> list[FileProblem]:
    """Every number that could be another and no example would notice."""
    return [
        FileProblem(
            document.file,
            document.lines[loc],
            ".".join(map(str, loc)),
            text(
                f"改为 {changed} 时所有例子仍然相符",
                f"could be {changed} and every example still agree",
            ),
            AT_BOUNDARY,
        )
        for loc, changed in loose_numbers(document.data)
    ]
