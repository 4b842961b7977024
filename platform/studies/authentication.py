"""How API requests prove who sends them."""

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, answering 401 (not 403) when nobody is signed in.

    The workbench tells "sign in again" from "not allowed" by this.
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"
