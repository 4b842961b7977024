"""Released weights: fetched from a hub, a process of its own with the layout of the real one."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference.bundles import BundleError, read_bundle
from inference.models import ModelBundle
from inference.registry.hub.source import hub_source
from tests.helpers.hub_process import COMMIT, REPOSITORY
from tests.helpers.prescoring import TINY_PROMPT, TINY_REPLY

pytestmark = [pytest.mark.torch, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[3]
ADDRESS = f"hf://{REPOSITORY}@main"
WEIGHTS = "model.safetensors"
WITHIN_S = 60


@dataclass
class Hub:
    """The hub process, and the folder of models that is filled from it."""

    folder: Path
    models: Path
    prompt: Path
    url: str

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def part(self) -> Path:
        return self.models / f".hub-{COMMIT[:12]}-sleep-3b" / "checkpoint" / f"{WEIGHTS}.part"

    def fail(self, **faults: Any) -> None:
        (self.folder / "new").write_text(json.dumps(faults))
        (self.folder / "new").rename(self.folder / "faults.json")

    def requests(self, name: str = "") -> list[dict[str, Any]]:
        lines = (self.folder / "requests").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["path"].endswith(name)]

    def add(self, *arguments: str, address: str = ADDRESS) -> str:
        out = StringIO()
        call_command("add_bundle", address, "--prompt", str(self.prompt), *arguments, stdout=out)
        return out.getvalue()


@pytest.fixture
def hub(taught_bundle, tmp_path, settings, monkeypatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    folder = tmp_path / "hub"
    shutil.copytree(taught_bundle / "checkpoint", folder / "files")
    (folder / "files" / "LICENSE").write_text("For sleep laboratories.")
    (folder / "files" / "training_args.bin").write_bytes(b"a pickle")
    (folder / "files" / "modeling.py").write_text("raise SystemExit")
    (folder / "files" / "figures").mkdir()
    (folder / "files" / "figures" / "kappa.json").write_text("{}")
    (folder / "faults.json").write_text("{}")
    (folder / "requests").touch()
    prompt = tmp_path / "prompt-of-the-release.md"
    prompt.write_text(TINY_PROMPT)
    settings.MODELS_FOLDER = tmp_path / "models"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.hub_process", str(folder)], cwd=ROOT
    )
    try:
        wait_until(lambda: (folder / "port").exists())
        url = f"http://127.0.0.1:{(folder / 'port').read_text()}"
        # The library has read HF_ENDPOINT and HF_HOME when it was loaded.
        monkeypatch.setattr(constants, "ENDPOINT", url)
        template = url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr("inference.registry.hub.fetching.PAUSE_S", 0.0)
        yield Hub(folder, tmp_path / "models", prompt, url)
    finally:
        process.kill()
        process.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refused(hub: Hub, *arguments: str, address: str = ADDRESS) -> str:
    with pytest.raises(CommandError) as error:
        hub.add(*arguments, address=address)
    assert not ModelBundle.objects.filter(name="sleep-3b").exists()
    assert not (hub.models / "sleep-3b").exists()
    return str(error.value)


def test_weights_become_a_bundle_that_reads_a_night(hub, noise_night):
    text = hub.add()
    assert f"“main” means commit {COMMIT} now" in text
    assert "Licence of the release: other sleep-lab-1 LICENSE." in text
    assert "Not fetched: figures/kappa.json, modeling.py, training_args.bin." in text
    spec = read_bundle(hub.models / "sleep-3b")
    assert (spec.version, spec.licence) == (COMMIT[:12], "other sleep-lab-1 LICENSE")
    source = {"repository": REPOSITORY, "revision": "main", "commit": COMMIT}
    assert spec.source.model_dump() == source
    assert ModelBundle.objects.get(name="sleep-3b").scorer.provenance["source"] == source
    fetched = {path.name for path in spec.checkpoint.iterdir()}
    assert "LICENSE" in fetched
    assert not fetched & {"modeling.py", "training_args.bin", "kappa.json"}
    assert (spec.checkpoint / WEIGHTS).read_bytes() == (hub.files / WEIGHTS).read_bytes()
    call_command("prescore", "--recording", "S1", "--bundle", "sleep-3b", "--wait")
    assert noise_night.runs.get().replies.filter(text=TINY_REPLY).count() == 10


def test_the_same_command_again_fetches_no_file(hub):
    hub.add()
    before = len(hub.requests(WEIGHTS))
    assert "was already registered" in hub.add()
    assert "was already registered" in hub.add(address=f"hf://{REPOSITORY}@{COMMIT}")
    assert len(hub.requests(WEIGHTS)) == before == 1


def test_an_answer_that_breaks_is_continued_by_ranges(hub):
    hub.fail(stops_after={WEIGHTS: 50_000})
    hub.add()
    ranges = [request["Range"] for request in hub.requests(WEIGHTS)]
    size = (hub.files / WEIGHTS).stat().st_size
    assert ranges == [None, *(f"bytes={at}-" for at in range(50_000, size, 50_000))]


def test_a_killed_command_is_continued_by_the_next(hub):
    hub.fail(stops_after={WEIGHTS: 70_000}, stalls=True)
    code = (
        "from pathlib import Path; from inference.registry.hub.source import hub_source; "
        "from inference.registry.hub.adding import Wanted, fetch_bundle; "
        f"wanted = Wanted(hub_source({ADDRESS!r}), 'a prompt'); "
        f"fetch_bundle(wanted, root=Path({str(hub.models)!r}), say=print)"
    )
    paths = f"{ROOT}:{ROOT / 'platform'}"
    cache = str(hub.folder / "home")
    env = {**os.environ, "PYTHONPATH": paths, "HF_ENDPOINT": hub.url, "HF_HOME": cache}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env)
    try:
        wait_until(lambda: hub.part.exists() and hub.part.stat().st_size > 0)
        busy = refused(hub)
        assert "Another command fetches these weights" in busy
    finally:
        process.kill()
        process.wait()
    have = hub.part.stat().st_size
    hub.fail()
    hub.add()
    assert hub.requests(WEIGHTS)[-1]["Range"] == f"bytes={have}-"


def test_a_hub_without_ranges_sends_the_file_again(hub):
    hub.fail(stops_after={WEIGHTS: 0})
    refused(hub)
    hub.part.write_bytes(b"begun")
    hub.fail(without_ranges=[WEIGHTS])
    assert "is registered" in hub.add()


def test_a_connection_that_always_breaks_says_what_is_kept(hub):
    hub.fail(stops_after={WEIGHTS: 0})
    text = refused(hub)
    assert "The connection broke 5 times in a row" in text
    assert "What has been fetched stays" in text
    assert "Run the same command again: it continues" in text
    hub.fail()
    assert "is registered" in hub.add()


@pytest.mark.parametrize("name", [WEIGHTS, "config.json"])
def test_a_file_with_another_hash_is_deleted(hub, name):
    hub.fail(changed=[name])
    text = refused(hub)
    assert f"{name} does not have the hash that the hub states, and was deleted" in text
    assert not hub.part.with_name(f"{name}.part").exists()


def test_a_file_longer_than_stated_does_not_fill_the_disk(hub):
    hub.fail(longer=[WEIGHTS])
    assert "longer than the hub states" in refused(hub)
    assert hub.part.stat().st_size == 0


def test_the_redirect_of_a_file_takes_no_token_to_another_host(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_only_for_tests")
    hub.fail(elsewhere=True, gated=False)
    assert "is registered" in hub.add()
    here = hub.requests(f"{COMMIT}/{WEIGHTS}")
    there = hub.requests(f"cdn/{WEIGHTS}")
    assert [request["Authorization"] for request in here] == ["Bearer hf_only_for_tests"]
    assert [request["Authorization"] for request in there] == [None]
    assert there[0]["host"].startswith("127.0.0.2:")


def test_conditions_that_nobody_accepted_are_named(hub, monkeypatch):
    hub.fail(gated=True)
    text = refused(hub)
    assert "only to people who have accepted the conditions" in text
    assert f"Accept them on {hub.url}/{REPOSITORY}" in text
    monkeypatch.setenv("HF_TOKEN", "hf_only_for_tests")
    assert "is registered" in hub.add()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"hf://{REPOSITORY}@v9", "no revision “v9”"),
        ("hf://lab/Other@main", "no such repository, or it is private"),
        (f"hf://{REPOSITORY}", "The revision is a commit, a tag or a branch"),
        ("hf://lab/../x@main", "not an address"),
        (f"hf://{REPOSITORY}@main/../..", "not an address"),
    ],
)
def test_an_address_that_names_nothing_is_refused(hub, address, says):
    assert says in refused(hub, address=address)


def test_a_hub_that_does_not_answer_is_named(hub, monkeypatch):
    from huggingface_hub import constants

    hub.fail(status=500)
    assert "answered with status 500" in refused(hub)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert "The hub cannot be reached (ConnectError)" in refused(hub)


def test_weights_without_room_on_the_disk_are_not_begun(hub):
    hub.fail(sizes={WEIGHTS: 10**16})
    assert "The disk has too little room" in refused(hub)
    assert hub.requests(WEIGHTS) == []
    hub.fail(sizes={"config.json": 10**9})
    assert "config.json is too long" in refused(hub)


@pytest.mark.parametrize("sha", ["", "../../elsewhere", "f" * 40])
def test_a_hub_that_lists_another_commit_is_refused(hub, sha):
    hub.fail(sha=sha)
    text = refused(hub, address=f"hf://{REPOSITORY}@{COMMIT}")
    assert "does not state which commit it lists" in text
    assert not hub.models.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"auto_map": {"AutoModel": "modeling.Model"}}, "would load code"),
        ({"model_type": "llama"}, "The architecture is llama"),
        ({"quantization_config": {"quant_method": "auto-round"}}, r"quantised (auto-round)"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_before_the_weights(hub, changes, says):
    config = json.loads((hub.files / "config.json").read_text())
    (hub.files / "config.json").write_text(json.dumps({**config, **changes}))
    assert says in refused(hub)
    assert hub.requests(WEIGHTS) == []


def test_a_release_of_pickles_alone_is_refused(hub):
    (hub.files / WEIGHTS).rename(hub.files / "pytorch_model.bin")
    assert "The release has no *.safetensors" in refused(hub)
    assert hub.requests("pytorch_model.bin") == []


def test_quantised_weights_are_for_a_server_under_a_variable_of_their_own(hub):
    config = json.loads((hub.files / "config.json").read_text())
    quantised = {**config, "quantization_config": {"quant_method": "auto-round", "bits": 4}}
    (hub.files / "config.json").write_text(json.dumps(quantised))
    hub.add("--served", "--name", "Sleep 3B/W4A16")
    spec = read_bundle(hub.models / "sleep-3b-w4a16")
    assert (spec.adapter, spec.server.model) == ("openai", "sleep-3b-w4a16")
    assert spec.server.addresses_in == "MODEL_SERVERS_SLEEP_3B_W4A16"


def test_a_second_bundle_of_the_same_weights_fetches_none(hub):
    hub.add()
    hub.add("--served", "--name", "sleep-3b-served")
    assert len(hub.requests(WEIGHTS)) == 1
    first, second = (
        (hub.models / name / "checkpoint" / WEIGHTS).stat().st_ino
        for name in ("sleep-3b", "sleep-3b-served")
    )
    assert first == second


def test_another_prompt_under_the_same_name_is_refused_and_changes_nothing(hub):
    hub.add()
    before = (hub.models / "sleep-3b" / "prompt.md").read_text()
    hub.prompt.write_text("Another prompt.")
    with pytest.raises(CommandError, match="holds another bundle of this name"):
        hub.add()
    assert (hub.models / "sleep-3b" / "prompt.md").read_text() == before


def test_files_of_the_local_cache_are_used_also_without_network(hub, monkeypatch):
    from huggingface_hub import constants

    cache = Path(constants.HF_HUB_CACHE) / "models--lab--Sleep-3B"
    snapshot = cache / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (cache / "blobs").mkdir()
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(COMMIT)
    hub.add("--name", "online")
    (hub.files / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    from tests.helpers.hub_process import Hub as Process

    for path in hub.files.iterdir():
        if path.is_file():
            process = Process.__new__(Process)
            process.folder, process.faults = hub.folder, {}
            entry = process._sibling(path)
            blob = cache / "blobs" / (entry["lfs"]["sha256"] if "lfs" in entry else entry["blobId"])
            shutil.copyfile(path, blob)
            (snapshot / path.name).symlink_to(blob)
    shutil.rmtree(hub.models)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    before = len(hub.requests())
    assert "Licence of the release: apache-2.0." in hub.add()
    assert len(hub.requests()) == before
    snapshot.joinpath("config.json").unlink()
    shutil.rmtree(hub.models)
    with pytest.raises(CommandError, match=r"has no config\.json"):
        hub.add("--name", "third")
    shutil.rmtree(cache)
    with pytest.raises(CommandError, match="the local cache does not have all files"):
        hub.add("--name", "third")


def test_a_prompt_is_required_and_only_for_addresses(hub, tmp_path):
    with pytest.raises(CommandError, match=r"--prompt FILE.*Nothing was fetched"):
        call_command("add_bundle", ADDRESS)
    hub.prompt.write_bytes(b"\xff")
    assert "The prompt cannot be read" in refused(hub)
    with pytest.raises(CommandError, match="are for hf:// addresses"):
        call_command("add_bundle", str(tmp_path), "--served")
    assert hub.requests() == []


def test_an_address_is_read_as_text():
    source = hub_source("hf://lab/Sleep-3B@refs/pr/1")
    assert (source.repository, source.revision) == (REPOSITORY, "refs/pr/1")
    with pytest.raises(BundleError, match="not an address"):
        hub_source("hf:/lab/Sleep-3B@main")
