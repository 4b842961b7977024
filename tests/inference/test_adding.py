"""Models added in the browser: from folders that a worker sees, and from nowhere else."""

import shutil

import pytest
from django.db import IntegrityError, transaction

from inference.models import BundleCheck, ModelAddition, ModelBundle
from inference.registry.bundles import built_in_folder
from inference.registry.folders import (
    ADDITIONS,
    ASKED,
    KEY,
    KNOWN,
    NOT_HERE,
    folders_here,
    note_folders,
)
from inference.runs.reading import GPU_QUEUE
from jobs.workers import connect
from studies.models import AuditEvent, User

PAGE = "/site/models/"


@pytest.fixture
def root(settings, tmp_path):
    """A folder of models with one that can be used, and what cannot be chosen."""
    models = tmp_path / "models"
    shutil.copytree(built_in_folder("rules"), models / "reader")
    declared = (models / "reader" / "bundle.toml").read_text("utf-8")
    shutil.copytree(models / "reader", tmp_path / "outside")
    (models / "link").symlink_to(tmp_path / "outside")
    (models / ".hidden").mkdir()
    (models / ".hidden" / "bundle.toml").write_text(declared)
    (models / "with space").mkdir()
    (models / "with space" / "bundle.toml").write_text(declared)
    (models / "empty").mkdir()
    (models / "broken").mkdir()
    (models / "broken" / "bundle.toml").write_text("name = 3")
    settings.MODELS_FOLDER = models
    yield models
    connect().delete(KEY, ASKED, GPU_QUEUE)


@pytest.fixture
def owner_client(client_of, db):
    return client_of(User.objects.create_superuser("site-owner"))


def test_only_bundles_directly_under_the_root_are_listed(root, settings):
    assert folders_here() == ["broken", "reader"]
    settings.MODELS_FOLDER = root / "nothing"
    assert folders_here() == []


@pytest.mark.django_db
def test_a_folder_of_the_list_becomes_a_model_that_a_worker_tries(root, owner_client):
    assert "Waiting for a worker to list its folders" in owner_client.get(PAGE).content.decode()
    note_folders()
    assert "<option>reader</option>" in owner_client.get(PAGE).content.decode()
    ModelBundle.objects.all().delete()
    owner_client.post(PAGE, {"folder": "reader"})
    assert (
        "being added already"
        in owner_client.post(PAGE, {"folder": "reader"}, follow=True).content.decode()
    )
    addition = ModelAddition.objects.get()
    ADDITIONS.run(addition.pk)
    addition.refresh_from_db()
    assert (addition.state, addition.error) == ("done", "")
    assert addition.bundle.folder == str(root / "reader")
    assert BundleCheck.objects.get().bundle == addition.bundle
    assert AuditEvent.objects.filter(act="model_added", user__username="site-owner").exists()
    assert "Added" in owner_client.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "folder",
    ["", "link", "empty", "with space", ".hidden", "../outside", "/etc", "reader/..", "x" * 5000],
)
def test_no_other_folder_can_be_named(root, owner_client, folder):
    note_folders()
    page = owner_client.post(PAGE, {"folder": folder}, follow=True)
    assert "No worker sees this folder." in page.content.decode()
    assert not ModelAddition.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["broken", "link", "gone"])
def test_a_folder_that_is_no_model_fails_with_its_reason(root, folder):
    addition = ModelAddition.objects.create(folder=folder)
    for _ in range(3):
        ADDITIONS.run(addition.pk)
    addition.refresh_from_db()
    assert addition.state == "failed"
    assert addition.error
    assert not ModelBundle.objects.filter(folder__contains=folder).exists()


@pytest.mark.django_db
def test_a_worker_without_the_folder_leaves_it_to_another(root, settings, tmp_path):
    addition = ModelAddition.objects.create(folder="reader")
    settings.MODELS_FOLDER = tmp_path / "elsewhere"
    ADDITIONS.run(addition.pk)
    addition.refresh_from_db()
    assert (addition.state, addition.error) == ("queued", NOT_HERE)
    assert ADDITIONS.unsent() == [addition.pk]
    settings.MODELS_FOLDER = root
    ADDITIONS.run(addition.pk)
    addition.refresh_from_db()
    assert (addition.state, addition.bundle.folder) == ("done", str(root / "reader"))


@pytest.mark.django_db
def test_a_model_that_is_known_is_not_added_again_and_gets_its_curves(root, monkeypatch):
    curves = {"loss": [[1, 2.0]]}
    for _ in range(2):
        addition = ModelAddition.objects.create(folder="reader")
        ADDITIONS.run(addition.pk)
        addition.refresh_from_db()
        monkeypatch.setattr("inference.registry.bundles.read_learning", lambda folder: curves)
    assert addition.error == KNOWN
    assert addition.bundle.learning == curves


@pytest.mark.django_db
def test_two_owners_add_a_folder_once(root, client_of):
    note_folders()
    ModelAddition.objects.create(folder="reader")
    client = client_of(User.objects.create_superuser("other-owner"))
    assert (
        "being added already"
        in client.post(PAGE, {"folder": "reader"}, follow=True).content.decode()
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelAddition.objects.create(folder="reader")
    ModelAddition.objects.update(state="failed")
    ModelAddition.objects.create(folder="reader")


@pytest.mark.django_db
def test_a_folder_that_is_chosen_stays_while_the_page_asks_again(root, owner_client):
    page = owner_client.get(PAGE).content.decode()
    owner_client.get(PAGE)
    assert connect().llen(GPU_QUEUE) == 1  # workers are asked once in a while
    assert page.count("every 5s") == 1
    note_folders()
    ModelAddition.objects.create(folder="reader")
    page = owner_client.get(PAGE).content.decode()
    assert "every 5s" not in page
    assert page.index("<option>reader") < page.index("every 3s")
    assert "data-check-live" not in page
