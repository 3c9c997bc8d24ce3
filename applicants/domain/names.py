from applicants.models import Party


def public_name(party: Party) -> str:
    """An organisation by its name; of a person only the first character, as in 张*."""
    if not party.is_person:
        return party.name
    return f"{party.name[:1]}{'*' * max(len(party.name) - 1, 1)}"
