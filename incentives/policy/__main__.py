"""Checks programme files: `python -m incentives.policy check incentives/catalogue`."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from .checking import loose_in, red_examples
from .loader import load_programme
from .programme import json_schema
from .yamlfile import FileError, read_yaml

CATALOGUE = Path(__file__).parent.parent / "catalogue"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m incentives.policy")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="load programme files and run their examples")
    check.add_argument("paths", nargs="*", type=Path, default=[CATALOGUE])
    commands.add_parser("schema", help="print the JSON Schema of a programme file")
    given = parser.parse_args(arguments)
    if given.command == "schema":
        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
        return 0
    absent = [path for path in given.paths if not path.exists()]
    for path in absent:
        print(f"there is no file or folder {path}; give a programme file or a folder of them")
    return 1 if absent else report([f for path in given.paths for f in programme_files(path)])


def programme_files(path: Path) -> list[Path]:
    """A file itself, the files of a city's folder, or those of every city under a catalogue."""
    if path.is_file():
        return [path]
    cities = [folder for folder in sorted(path.iterdir()) if folder.is_dir()]
    return sorted(file for folder in cities or [path] for file in folder.glob("*.yaml"))


def report(files: list[Path]) -> int:
    complaints = [line for file in files for line in complaints_of(file)]
    for line in complaints:
        print(line)
    print(f"{len(files)} files, {len(complaints)} faults", file=sys.stderr)
    return 1 if complaints or not files else 0


def complaints_of(file: Path) -> Iterator[str]:
    try:
        programme = load_programme(file)
    except FileError as error:
        yield from map(str, error.problems)
        return
    document = read_yaml(file)
    found = red_examples(programme, document) or loose_in(document)
    yield from map(str, found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
