"""Explicit shares of single customers: guardian's permission tables with a real foreign key."""

from django.db import models

from core.permissions import GroupObjectPermissionBase, UserObjectPermissionBase
from crm.models.customer import Customer


class CustomerUserShare(UserObjectPermissionBase):
    """A customer shared with one user."""

    content_object = models.ForeignKey(Customer, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = "customer share"
        indexes = [models.Index(fields=["user", "permission", "content_object"], name="customer_share_user")]


class CustomerGroupShare(GroupObjectPermissionBase):
    """A customer shared with the users of one role."""

    content_object = models.ForeignKey(Customer, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        verbose_name = "customer share with a role"
        indexes = [
            models.Index(fields=["group", "permission", "content_object"], name="customer_share_group")
        ]


Customer.user_share_model = CustomerUserShare  # type: ignore[attr-defined]
Customer.group_share_model = CustomerGroupShare  # type: ignore[attr-defined]
