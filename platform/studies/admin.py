"""No admin pages of accounts: leads of the site use /people/, where every act is recorded."""

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin

admin.site.unregister([EmailAddress, UserSession])
