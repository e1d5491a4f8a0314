"""Journal verbs of accounts."""

from activity.verbs import Verb

VERBS = (
    Verb("user.created", "created the user"),
    Verb("user.changed", "changed the user"),
    Verb("user.suspended", "suspended the user"),
    Verb("user.restored", "restored the user's access"),
    Verb("user.deactivated", "deactivated the user"),
    Verb("user.password_set", "set a new password for the user"),
    Verb("user.password_changed", "changed the own password"),
    Verb("user.roles_changed", "changed the user's roles"),
    Verb("role.created", "created the role"),
    Verb("role.changed", "changed the role"),
    Verb("team.created", "created the team"),
    Verb("team.changed", "changed the team"),
    Verb("territory.created", "created the territory"),
    Verb("territory.changed", "changed the territory"),
    Verb("organisation.changed", "changed the organisation"),
    Verb("absence.created", "entered an absence"),
    Verb("absence.changed", "changed an absence"),
    Verb("absence.cancelled", "cancelled an absence"),
)
