"""The rows behind the numbers of Status."""

from crm.filters.action import ActionFilter


class StatusFilter(ActionFilter):
    """Filters of follow-ups, some of which the user may not open.

    By customer he cannot filter: the rows that are left would tell whose a restricted one is.
    """

    customer = None  # type: ignore[assignment]  # how django-filter drops an inherited filter
