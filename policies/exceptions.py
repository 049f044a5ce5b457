"""What can go wrong with policies, as sentences."""


class UnknownKindError(Exception):
    """A stored policy uses a condition or an action that this version of mailhold does not have."""

    def __init__(self, part: str, kind: str) -> None:
        super().__init__(f"There is no {part} of the kind {kind!r} in this version of mailhold.")


class PolicySetChangingError(Exception):
    """The policies were changed again and again while they were read."""

    def __init__(self) -> None:
        super().__init__("The policies were changed again each time they were read; please try again.")


class StaleOrderError(Exception):
    """Somebody set an order for a list of policies that is another one by now."""

    def __init__(self) -> None:
        super().__init__("The policies, or their order, were changed meanwhile.")
