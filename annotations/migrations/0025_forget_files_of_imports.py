"""Finished imports lose the names of files, which can be those of people, as new ones do."""

from django.db import migrations


def forget(apps, schema_editor):
    for name in ("MassexImport", "ScoringImport"):
        finished = apps.get_model("annotations", name).objects.filter(
            state__in=["done", "discarded"]
        )
        for row in finished.iterator():
            row.preview = _kept(row) if row.state == "done" and row.preview else None
            row.results = [{**result, "path": ""} for result in row.results]
            row.options = {key: said for key, said in row.options.items() if key != "copies"}
            row.chosen, row.error = [], ""
            row.save(update_fields=["preview", "results", "options", "chosen", "error"])


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
    dependencies = [("annotations", "0024_inclusion_probability")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
