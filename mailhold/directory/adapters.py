"""How allauth works here: accounts are persons of the directory."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Signing in for people whom an administrator has entered.

    allauth itself turns away whoever is not active, and sends them no reset; its limits on tries count in the default
    cache, which all processes share.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account: people come from an administrator."""
        return False
