"""Transactional tests leave the database as they found it, at the cost of the rows they made.

Django's own way truncates every table and then sends `post_migrate`, which makes permissions and
content types again and reads the files of every built-in model: half a second after each test.
"""

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql
from pytest_django import DjangoDbBlocker

# Filled by migrating and written by no test.
NEVER_WRITTEN = {"django_content_type", "auth_permission", "django_migrations"}


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let the database go with its server at the end of the run.

    Dropping it first would fail while a thread of a test still holds a session.
    """
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Begin the test database as a copy of the migrated database that came with the server."""
    migrated, of_tests = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    copying = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(copying.format(sql.Identifier(of_tests), sql.Identifier(migrated)))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Remember what a migrated database holds, and go back to that after transactional tests."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - NEVER_WRITTEN)
        migrated = _filled(cursor, tables)
        cursor.execute("CREATE SCHEMA migrated")
        for table in migrated:
            cursor.execute(_of_table("CREATE TABLE migrated.{0} AS TABLE {0}", table))

    def go_back(_: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # No key is checked then, so that rows may go in any order.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in _filled(cursor, tables):
                cursor.execute(_of_table("DELETE FROM {0}", table))
            for table in migrated:
                cursor.execute(_of_table("INSERT INTO {0} SELECT * FROM migrated.{0}", table))

    TransactionTestCase._fixture_teardown = go_back


def _filled(cursor, tables: list[str]) -> list[str]:
    looks = [_of_table("EXISTS (SELECT FROM {0})", table) for table in tables]
    cursor.execute(sql.SQL("SELECT ") + sql.SQL(", ").join(looks))
    return [table for table, filled in zip(tables, cursor.fetchone(), strict=True) if filled]


def _of_table(words: str, table: str) -> sql.Composed:
    return sql.SQL(words).format(sql.Identifier(table))
