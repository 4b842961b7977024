"""How API requests prove who sends them."""

from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from studies.models import ApiToken, User
from studies.services.api_tokens import use_api_token


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, answering 401 (not 403) when nobody is signed in.

    The workbench tells "sign in again" from "not allowed" by this.
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer epw_...``. A token reads what its owner may, and changes nothing."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if request.method not in SAFE_METHODS:
            raise exceptions.PermissionDenied("A token only reads. Sign in to change things.")
        known = use_api_token(token=token.strip())
        if known is None:
            raise exceptions.AuthenticationFailed(
                "This token is unknown, has run out or was withdrawn. Make a new one on your page "
                "of API tokens."
            )
        return known.user, known
