"""The programme language: read a programme file, check it, assess a case by it. No Django."""

from .answers import asked, unanswered
from .assessment import assess
from .examples import Example
from .facts import read_facts
from .keys import (
    CapRequest,
    EventRequest,
    Granted,
    RowRequest,
    cap_requests,
    event_requests,
    granted,
    row_requests,
    tally_keys,
)
from .loader import load_folder, load_programme
from .overrides import read_settings, table_options
from .programme import Programme, digest, json_schema, programme_from_json
from .proof import failures
from .rendering import dumps, render, render_error
from .result import (
    Assessment,
    CapLine,
    DerivedLine,
    InstalmentLine,
    OpenChoice,
    Reason,
    RowLine,
    Step,
)
from .rounds import RoundEntry, RoundLine, RoundResult, round_entry, settle_round
from .text import BadValue, InputError, Problem, Text
from .yamlfile import FileError, FileProblem, read_yaml

__all__ = [
    "Assessment",
    "BadValue",
    "CapLine",
    "CapRequest",
    "DerivedLine",
    "EventRequest",
    "Example",
    "FileError",
    "FileProblem",
    "Granted",
    "InputError",
    "InstalmentLine",
    "OpenChoice",
    "Problem",
    "Programme",
    "Reason",
    "RoundEntry",
    "RoundLine",
    "RoundResult",
    "RowLine",
    "RowRequest",
    "Step",
    "Text",
    "asked",
    "assess",
    "cap_requests",
    "digest",
    "dumps",
    "event_requests",
    "failures",
    "granted",
    "json_schema",
    "load_folder",
    "load_programme",
    "programme_from_json",
    "read_facts",
    "read_settings",
    "read_yaml",
    "render",
    "render_error",
    "round_entry",
    "row_requests",
    "settle_round",
    "table_options",
    "tally_keys",
    "unanswered",
]
