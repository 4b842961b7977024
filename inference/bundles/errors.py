"""What can be wrong with a bundle, told so that its owner can mend it."""

from psg.errors import PsgError


class BundleError(PsgError):
    """A bundle folder that cannot be used."""

    status = 409
