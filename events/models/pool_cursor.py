"""PoolCursor: whose turn it is in a round robin."""

from django.db import models


class PoolCursor(models.Model):
    """The user id that got the last follow-up of a pool such as ``role:sales_support``."""

    pool = models.CharField(max_length=80, primary_key=True)
    last_user_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.pool} after {self.last_user_id}"
