"""Who may call the routes that other packages bring; our own views declare theirs themselves."""

from core.permissions import public, requires

FOREIGN = {
    "account_login": public("the way in"),
    "account_logout": public("leaving needs no right"),
    "account_signup": public("answers that sign-up is closed"),
    "account_inactive": public("says that the account is closed"),
    "admin:*": requires("accounts.administer_users"),
}
