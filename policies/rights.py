"""Who may do what with the policies: being an administrator is not enough, groups give the rights, as in the administration."""

from mailhold.directory.models import Person

RIGHTS = tuple(f"policies.{right}_policy" for right in ("add", "change", "delete"))


def may_administer(person: Person) -> bool:
    """Tell whether somebody is an active administrator who may do everything to policies."""
    return _administers(person) and person.has_perms(RIGHTS)


def may_look(person: Person) -> bool:
    """Tell whether somebody is an active administrator who may see policies; whoever may change them may."""
    return _administers(person) and (
        person.has_perm("policies.view_policy") or person.has_perm("policies.change_policy")
    )


def _administers(person: Person) -> bool:
    return person.is_active and (person.is_staff or person.is_superuser)
