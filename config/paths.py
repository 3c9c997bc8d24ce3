"""Where Huiqi keeps what it writes."""

import os
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("HUIQI_VAR", BASE / "var")).absolute()
DEMO = VAR / "demo"
STATE = "servers.json"  # inside a home such as var/demo: how to reach its servers
