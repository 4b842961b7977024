"""Model servers of this machine: how workers find them, wait for them, and decode with them."""

import os
import signal

import numpy as np
import pytest

from inference.adapters import AdapterAwayError, NightToScore, is_installed, served
from inference.adapters.openai import servers
from inference.adapters.openai.adapter import load
from inference.adapters.openai.images import SentImages
from inference.adapters.served import (
    AlreadyServedError,
    Registration,
    ServedModel,
    ServedServer,
    served_model,
)
from inference.bundles import BundleError, read_bundle
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.render import EpochRenderer, pixel_sha256
from tests.helpers.model_server import KEY, served_spec
from tests.helpers.prescoring import TINY_REPLY


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(servers, "FIRST_REST_S", 0.005)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(served, "_folders", [])
    served.look_in(tmp_path / "model-servers")
    return tmp_path / "model-servers"


@pytest.fixture
def night(noise_epochs):
    return NightToScore("five", ArrayNight(DERIVATIONS, noise_epochs[:5]))


def model(*urls, variable="MODEL_SERVERS", state="", requests=2):
    listed = tuple(ServedServer(url, state) for url in urls)
    return ServedModel(variable, "/models/tiny", KEY, requests, listed)


def all_replies(adapter, night, epochs=range(5)):
    return [reply for group in adapter.replies(night, epochs) for reply in group]


def test_a_worker_finds_the_servers_of_its_machine_with_their_key(folder, server, tmp_path, night):
    assert not is_installed("openai")
    registration = Registration(folder, "MODEL_SERVERS")
    registration.write(model(server.url))
    assert is_installed("openai")
    adapter = load(served_spec(tmp_path), {})
    assert {reply.text for reply in all_replies(adapter, night)} == {TINY_REPLY}
    assert server.keys == {f"Bearer {KEY}"}
    assert {body["model"] for body in server.windows} == {"/models/tiny"}
    assert (folder / "MODEL_SERVERS.json").stat().st_mode & 0o077 == 0
    registration.withdraw()
    assert not is_installed("openai")
    with pytest.raises(AdapterAwayError, match="no model server runs"):
        all_replies(adapter, night)


def test_addresses_that_a_worker_was_given_come_first(folder, start_server, tmp_path, night):
    here, named = start_server(), start_server()
    registration = Registration(folder, "MODEL_SERVERS")
    registration.write(model(here.url))
    adapter = load(served_spec(tmp_path), {"MODEL_SERVERS": named.url})
    all_replies(adapter, night)
    assert (len(here.bodies), len(named.windows)) == (0, 5)
    assert {body["model"] for body in named.windows} == {"tiny"}
    registration.withdraw()


def test_servers_that_were_started_again_elsewhere_are_used(folder, start_server, tmp_path, night):
    first, second = start_server(), start_server()
    registration = Registration(folder, "MODEL_SERVERS")
    registration.write(model(first.url))
    adapter = load(served_spec(tmp_path), {})
    first.stop()
    registration.write(model(second.url))
    assert len(all_replies(adapter, night)) == len(second.windows) == 5
    registration.withdraw()


def test_what_a_killed_process_left_does_not_count(folder):
    if (child := os.fork()) == 0:
        Registration(folder, "MODEL_SERVERS_W4A16").write(model("http://127.0.0.1:9/v1"))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert (folder / "MODEL_SERVERS_W4A16.json").exists()
    assert served_model("MODEL_SERVERS_W4A16") is None
    Registration(folder, "MODEL_SERVERS_W4A16").withdraw()


def test_two_processes_cannot_serve_under_one_variable(folder, monkeypatch):
    monkeypatch.setattr(served, "_LOCKED_WITHIN_S", 0)
    owner, other = Registration(folder, "MODEL_SERVERS"), Registration(folder, "MODEL_SERVERS_B")
    with pytest.raises(AlreadyServedError):
        Registration(folder, "MODEL_SERVERS")
    owner.withdraw()
    other.withdraw()


@pytest.mark.parametrize("content", ["", "[]", '{"variable": "MODEL_SERVERS"}', "{"])
def test_a_file_that_is_not_whole_names_no_server(folder, content):
    registration = Registration(folder, "MODEL_SERVERS")
    (folder / "MODEL_SERVERS.json").write_text(content)
    assert served_model("MODEL_SERVERS") is None
    registration.withdraw()


def test_a_server_that_dies_in_the_middle_of_a_night_leaves_no_epoch_failed(
    folder, server, tmp_path, night
):
    """Its open requests break, and then it cannot be reached: the night waits."""
    registration = Registration(folder, "MODEL_SERVERS")
    ended = "it ended with exit status 1 and is started again"
    registration.write(model(server.url, state=ended, requests=1))

    def die(exchange):
        exchange.of._http.socket.close()  # no further connection
        exchange.break_off()

    server.behave = lambda e: e.complete() if len(server.windows) < 3 else die(e)
    groups = load(served_spec(tmp_path), {}).replies(night, range(5))
    assert [next(groups)[0].error, next(groups)[0].error] == ["", ""]
    with pytest.raises(AdapterAwayError, match=ended):
        next(groups)
    registration.withdraw()


# Decoding.


@pytest.mark.parametrize("penalty", [1.0, 1.05])
def test_the_penalty_of_the_bundle_goes_with_every_request(server, tmp_path, night, penalty):
    adapter = load(penalised(tmp_path, penalty), {"MODEL_SERVERS": server.url})
    all_replies(adapter, night)
    assert {body["repetition_penalty"] for body in server.bodies} == {penalty}
    assert "repetition_penalty" not in adapter.about


@pytest.mark.parametrize("guided", [True, False])
def test_a_server_that_knows_no_penalty_is_used_without_and_the_run_shows_it(
    server, tmp_path, night, guided
):
    server.refuses = {"repetition_penalty"}
    adapter = load(served_spec(tmp_path, guided=guided), {"MODEL_SERVERS": server.url})
    assert [reply.text for reply in all_replies(adapter, night)] == [TINY_REPLY] * 5
    assert adapter.about["repetition_penalty"] == "as the server sets it"


def test_a_server_that_refuses_a_penalty_that_the_bundle_needs_stops_the_run(
    server, tmp_path, night
):
    server.refuses = {"repetition_penalty"}
    with pytest.raises(BundleError, match=r"does not accept repetition_penalty = 1\.05"):
        all_replies(load(penalised(tmp_path, 1.05), {"MODEL_SERVERS": server.url}), night)


@pytest.mark.parametrize("value", [0.9, 2.5, "nan"])
def test_a_penalty_that_is_none_is_refused(tmp_path, value):
    with pytest.raises(BundleError, match="repetition_penalty"):
        penalised(tmp_path, value)


def penalised(folder, penalty):
    served_spec(folder)
    with (folder / "bundle.toml").open("a") as file:
        file.write(f"\n[decoding]\nrepetition_penalty = {penalty}\n")
    return read_bundle(folder)


# Drawing.


@pytest.mark.parametrize("drawers", [0, 2])
def test_images_are_drawn_once_by_several_processes_as_a_person_sees_them(
    night, noise_epochs, drawers
):
    images = SentImages(DERIVATIONS, drawers=drawers)
    images.draw_ahead(night, range(5))
    assert len(images._images) == (5 if drawers else 0)
    drawn = [images.get(night, epoch) for epoch in range(5)]
    expected = [EpochRenderer().render(epoch, DERIVATIONS) for epoch in noise_epochs[:5]]
    assert [image.sha256 for image in drawn] == [pixel_sha256(pixels) for pixels in expected]
    assert images.get(night, 3) is drawn[3]


def test_a_drawing_process_that_was_killed_is_started_again(night):
    images = SentImages(DERIVATIONS, drawers=1)
    first = images.get(night, 0)
    (process,) = images._pool._all
    process.kill()
    process.wait()
    assert images.get(night, 1).url != first.url


def test_samples_that_cannot_be_drawn_are_an_error_and_the_process_goes_on(night):
    images = SentImages(DERIVATIONS, drawers=1)
    with pytest.raises(ValueError, match="samples"):
        images._pool.submit(np.zeros((6, 10)), DERIVATIONS).result()
    assert images.get(night, 0).url
