"""Refusals of studies."""

from psg.errors import RefusedError


class ArchivedError(RefusedError):
    """Something of an archived study was to be changed."""

    code = "archived"
    status = 409
    default = "This study is archived and can only be read. Nothing was changed."

    def __init__(self) -> None:
        super().__init__(advice="A lead who manages studies can restore it.")
