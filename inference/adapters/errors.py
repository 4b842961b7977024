"""Why an adapter has no replies, where the reason is not an epoch's own."""


class AdapterAwayError(Exception):
    """Nothing can be answered just now; the same epochs can be asked for again later."""
