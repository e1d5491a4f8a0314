"""What accounts adds to the sidebar."""

from core.permissions import requires
from ui.navigation import Item

ADMINISTRATION = (
    Item(
        group="Administration",
        label="Users and roles",
        icon="people",
        url_name="admin:index",
        policy=requires("accounts.administer_users"),
    ),
)
