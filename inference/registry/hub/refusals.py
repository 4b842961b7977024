"""What goes wrong with a hub, in words: what happened, what is safe, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from inference.bundles import BundleError
from inference.registry.hub.source import HubSource

KEPT = "What has been fetched stays on the disk, and no bundle was added."
AGAIN = "Run the same command again: it continues where it stopped."


@contextmanager
def refused_in_words(source: HubSource) -> Iterator[None]:
    """Raise BundleError for all that a hub, the network or the disk refuses."""
    try:
        yield
    except (httpx2.HTTPError, OSError) as error:
        raise _refusal(error, source) from error


def _refusal(error: Exception, source: HubSource) -> BundleError:
    page = f"{constants.ENDPOINT}/{source.repository}"
    if isinstance(error, GatedRepoError):
        what = "The owner gives these weights only to people who have accepted the conditions"
        advice = (
            f"Accept them on {page}, set HF_TOKEN to a token of your account or call “hf auth "
            "login”, then run the same command again."
        )
    elif isinstance(error, RevisionNotFoundError):
        what = f"The repository has no revision “{source.revision[:60]}”"
        advice = f"{page}/commits/main lists the commits. Use one of them, or main."
    elif isinstance(error, RepositoryNotFoundError):
        what = "The hub has no such repository, or it is private"
        advice = "Check owner and name. For a private one set HF_TOKEN to a token that may read it."
    elif isinstance(error, OfflineModeIsEnabled):
        what = "HF_HUB_OFFLINE is set, and the local cache does not have all files"
        advice = f"{KEPT} Unset HF_HUB_OFFLINE, or fetch the files into the cache first."
    elif isinstance(error, HfHubHTTPError):
        what = f"The hub answered with status {error.response.status_code}"
        advice = f"{KEPT} {AGAIN}"
    elif isinstance(error, httpx2.HTTPError):
        what = f"The hub cannot be reached ({type(error).__name__})"
        advice = f"{KEPT} Check the network, a proxy and HF_ENDPOINT. {AGAIN}"
    else:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        what = f"A file cannot be written ({reason})"
        advice = f"{KEPT} {AGAIN}"
    return BundleError(what, where=str(source), advice=advice)
