"""Names of accounts: no two look the same, however they are written."""

import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from studies.accounts.names import email_key, username_key, why_not_a_username
from studies.accounts.signing_in import account_of
from studies.models import User

LOOK_ALIKES = ["V-LEAD", "ｖ-lead", "v-l\u0435ad", "\u0475-lead".replace("\u0475", "v"), "v-1ead"]


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_names_that_look_the_same_have_one_key(name):
    assert username_key(name) == username_key("v-lead")


@pytest.mark.parametrize("name", ["v-lead2", "vlead", "v_lead", "w-lead"])
def test_names_that_look_different_have_different_keys(name):
    assert username_key(name) != username_key("v-lead")


def test_e_mails_are_compared_without_case_and_figures_stay_figures():
    assert email_key("Ada@Example.ORG") == email_key("ada@example.org")
    assert email_key("a1@x.org") != email_key("al@x.org")


@pytest.mark.parametrize("name", ["ada", "Ада", "müller-2", "山田太郎"])
def test_a_name_in_one_alphabet_is_accepted(name):
    assert why_not_a_username(name) == ""


@pytest.mark.parametrize("name", ["v-l\u0435ad", "ada@example.org", "x" * 151, "ﷺ" * 20])
def test_mixed_alphabets_e_mails_and_long_names_are_refused(name):
    assert why_not_a_username(name)


@pytest.mark.django_db
@pytest.mark.parametrize("second", [{"username": "V-Lead"}, {"username": "b", "email": "A@x.org"}])
def test_the_database_refuses_a_second_account_that_looks_the_same(second):
    User.objects.create(username="v-lead", email="a@x.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(**second)


@pytest.mark.django_db
def test_accounts_older_than_the_comparison_both_keep_working():
    older = User.objects.create(username="v-lead", email="a@x.org")
    twin = User.objects.create(username="other")
    User.objects.filter(pk=twin.pk).update(username="V-LEAD", email="A@x.org")
    migration = importlib.import_module("studies.migrations.0010_names_and_sessions")
    User.objects.filter(pk__in=[older.pk, twin.pk]).update(email_key="")
    migration.fill_keys(apps, None)
    twin.refresh_from_db()
    assert twin.username_key == f"v-lead {twin.pk}"
    twin.save()  # as at every sign-in
    assert account_of("V-LEAD") == twin
    assert account_of("v-lead") == account_of("a@x.org") == older
