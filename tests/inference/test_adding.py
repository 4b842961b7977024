"""Models added in the browser: from folders that a worker sees, and from nowhere else."""

import shutil

import pytest

from inference.models import BundleCheck, ModelAddition, ModelBundle
from inference.registry.bundles import built_in_folder
from inference.registry.folders import ADDITIONS, KEY, folders_here, note_folders
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
    connect().delete(KEY)


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
    ADDITIONS.run(addition.pk)
    addition.refresh_from_db()
    assert addition.state == "failed"
    assert addition.error
    assert not ModelBundle.objects.filter(folder__contains=folder).exists()
