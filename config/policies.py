"""Who may call the routes that other packages bring; our own views declare theirs themselves."""

from core.permissions import requires

FOREIGN = {
    "admin:*": requires("accounts.administer_users"),
}
