#!/usr/bin/env python
import os
import sys

# These change the schema, which the application's own database role may not do.
OWNER_COMMANDS = {"migrate", "pgtrigger"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("HUIQI_DB_ROLE", "owner")
    from django.core.management import execute_from_command_line  # settings are chosen above

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
