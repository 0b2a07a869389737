"""What is asked of the hub, through its own client: which files a repository has, and their bytes from any place on."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx2 as httpx  # what the client itself asks with
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.utils import build_hf_headers, get_session

from opendance.engines.diffusers.weights import HubFile, Listing
from opendance.errors import ConfigurationError


def listing_of(repository: str, revision: str | None = None) -> Listing:
    """The files of a repository and their checksums.

    Raises:
        ConfigurationError: there is no such repository, one has to ask for access to it, or the hub cannot be reached.
    """
    try:
        made = HfApi().model_info(repository, revision=revision, files_metadata=True)
    except GatedRepoError:
        problem = f"{repository}: its authors give it to those who asked for it on its page; then set HF_TOKEN"
        raise ConfigurationError(problem) from None
    except RepositoryNotFoundError:
        raise ConfigurationError(f"{repository}: there is no such repository on the hub") from None
    except (HfHubHTTPError, httpx.HTTPError, OSError) as error:
        raise ConfigurationError(f"{repository}: the hub cannot be asked: {_line(error)}; try again") from None
    files = tuple(
        HubFile(each.rfilename, each.size or 0, each.lfs.sha256 if each.lfs else "", each.blob_id or "")
        for each in made.siblings or ()
    )
    card = made.card_data.to_dict() if made.card_data is not None else {}
    stated = " ".join(str(card[name]) for name in ("license", "license_name", "license_link") if card.get(name))
    return Listing(repository, str(made.sha), files, stated)


@contextmanager
def bytes_of(listing: Listing, path: str, begin: int) -> Generator[Any]:
    """An iterator over the bytes of a file from `begin` on; over all where the hub gives no part.

    Gives the place that they begin at, and the bytes.

    Raises:
        ConnectionError: they cannot be had now.
    """
    url = hf_hub_url(listing.repository, path, revision=listing.commit)
    headers = build_hf_headers() | {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begin}-"} if begin else {})
    try:
        with get_session().stream("GET", url, headers=headers, follow_redirects=True) as answer:
            if answer.status_code not in (200, 206):
                raise ConnectionError(f"{url} answers {answer.status_code}")
            yield (begin if answer.status_code == 206 else 0), answer.iter_raw()
    except httpx.HTTPError as error:
        raise ConnectionError(_line(error)) from None


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
