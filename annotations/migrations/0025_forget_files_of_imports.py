"""Finished imports lose the names of files, which can be those of people, as new ones do."""

from pathlib import PurePosixPath

from django.db import migrations, transaction


def forget(apps, schema_editor):
    """Change rows one by one: nobody waits until all of them are written."""
    for name in ("MassexImport", "ScoringImport"):
        finished = apps.get_model("annotations", name).objects.filter(
            state__in=["done", "discarded"]
        )
        for pk in list(finished.values_list("pk", flat=True)):
            _forget(finished.filter(pk=pk))


@transaction.atomic
def _forget(rows):
    for row in rows.select_for_update():
        names = _names_of_files(row)
        row.preview = _kept(row) if row.state == "done" and row.preview else None
        row.results = [_without_names(result, names) for result in row.results]
        row.options = {key: said for key, said in row.options.items() if key != "copies"}
        row.chosen, row.error = [], ""
        row.save(update_fields=["preview", "results", "options", "chosen", "error"])


def _names_of_files(row):
    files = [*(row.preview or {}).get("files", []), *row.results]
    return {PurePosixPath(file["path"]).stem for file in files if file.get("path")}


def _without_names(result, names):
    """Why a file was refused may name it, or another one."""
    refused = result.get("refused", "")
    if any(name in refused for name in names):
        refused = "This file had errors."
    return {**result, "path": "", "refused": refused}


def _kept(row):
    paths = {result.get("path") for result in row.results}
    files = [_without_words(file) for file in row.preview["files"] if file["path"] in paths]
    return {"files": files, "left_out": []}


def _without_words(file):
    kept = {**file, "path": ""}
    for words in ("problems", "notes", "doubts"):
        if words in kept:
            kept[words] = []
    if "problem" in kept:
        kept["problem"] = ""
    if "changes" in kept:
        kept["changes"] = {**kept["changes"], "shown": []}
    return kept


class Migration(migrations.Migration):
    # It can be interrupted and run again.
    atomic = False

    dependencies = [("annotations", "0024_inclusion_probability")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
