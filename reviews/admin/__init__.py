"""The reviewers' desk: Django's admin, scoped by staff roles. One submodule a subject."""
