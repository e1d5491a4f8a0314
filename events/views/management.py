"""What the three screens of CRM management have in common: whether the engine is alive."""

from typing import Any

from accounts.models import User
from events.domain.heartbeat import STALE, last_beat
from ui.views.page import Page


class ManagementPage(Page):
    """Base of the screens: says on each when the engine last ran, loudly when that is too long ago."""

    @property
    def user(self) -> User:
        """Who looks; the policies let nobody in who is not signed in."""
        user: Any = self.request.user
        return user

    def context(self, **extra: Any) -> dict[str, Any]:
        beat = last_beat()
        stale = beat is None or self.now - beat > STALE
        return super().context(engine_beat=beat, engine_is_stale=stale, **extra)
