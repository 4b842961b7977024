"""Migrations match the models, and older databases still open."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

# Migrations, tables and columns of the tree that was published on that day.
EARLIER = Path(__file__).with_name("schema-2026-11-23.json")


@pytest.fixture(scope="module")
def earlier() -> dict[str, Any]:
    return json.loads(EARLIER.read_text())


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_database_of_an_earlier_tree_has_no_migration_that_is_unknown_here(earlier) -> None:
    present = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    applied = {(app, name) for app, names in earlier["migrations"].items() for name in names}
    assert applied - present == set()


@pytest.mark.django_db
def test_tables_and_columns_of_an_earlier_database_keep_their_names(earlier) -> None:
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    present = set(connection.introspection.table_names())
    for table, columns in earlier["tables"].items():
        assert table in models
        assert table in present
        kept = {field.column for field in models[table]._meta.local_concrete_fields}
        assert set(columns) - kept == set(), table


@pytest.mark.django_db
def test_a_process_of_an_earlier_tree_can_still_insert_rows(earlier) -> None:
    """While a site is restarted part by part, it knows nothing of columns that are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND is_nullable = 'NO'"
            " AND column_default IS NULL AND is_identity = 'NO'"
        )
        needed = cursor.fetchall()
    tables = earlier["tables"]
    missing = {
        f"{table}.{column}"
        for table, column in needed
        if table in tables and column not in tables[table]
    }
    # Only this version computes the keys by which names of accounts are compared.
    assert missing - {"studies_user.username_key", "studies_user.email_key"} == set()
