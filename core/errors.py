"""What the domain refuses, in words the user can read."""


class Refused(Exception):
    """The request is understood and not carried out; the text is shown to the user as it stands.

    Views answer it with HTTP 422, commands with exit code 1. ``field`` names the input that has to
    change, when there is one.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Changed(Refused):
    """Somebody else changed the record since it was read; nothing was written."""


class Denied(Refused):
    """The user lacks the right to do this; views answer with HTTP 403."""
