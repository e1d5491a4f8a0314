"""Tables of accounts."""

from accounts.models.absence import Absence
from accounts.models.organisation import Organisation
from accounts.models.owned import Owned
from accounts.models.role import JobFunction, Level, Role, RoleFunction, UserRole
from accounts.models.team import Team, TeamMember
from accounts.models.territory import Territory, TerritoryMember
from accounts.models.user import Theme, User

__all__ = [
    "Absence",
    "JobFunction",
    "Level",
    "Organisation",
    "Owned",
    "Role",
    "RoleFunction",
    "Team",
    "TeamMember",
    "Territory",
    "TerritoryMember",
    "Theme",
    "User",
    "UserRole",
]
