"""Pages of the Django admin: one file per entity, each saving through the domain."""

from accounts.admin.absence import AbsenceAdmin
from accounts.admin.organisation import OrganisationAdmin
from accounts.admin.role import RoleAdmin
from accounts.admin.team import TeamAdmin
from accounts.admin.territory import TerritoryAdmin
from accounts.admin.user import UserAdmin

__all__ = ["AbsenceAdmin", "OrganisationAdmin", "RoleAdmin", "TeamAdmin", "TerritoryAdmin", "UserAdmin"]
