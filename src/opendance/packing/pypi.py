"""Packages of PyPI, by version and hash; pip fetches them, as they are."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from opendance.packing.npm import NotPacked, Package

_PATIENCE = 600  # s


class PythonPackage(Package):
    """A package of PyPI; `archive` and `sha512` are those of its wheel or its source."""


def pip_download(package: Package, scratch: Path) -> Path:
    """The archive of a package, in the folder `scratch`.

    Raises:
        NotPacked: pip or its index cannot be reached, or the archive has another hash.
    """
    digest = base64.b64decode(package.sha512).hex()
    wanted = scratch / f"{package.name}.txt"
    wanted.write_text(f"{package.name}=={package.version} --hash=sha512:{digest}\n", "utf-8")
    kind = "--only-binary" if package.archive.endswith(".whl") else "--no-binary"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    try:
        done = subprocess.run(  # noqa: S603 - pip, with words of our own
            [*pip, kind, package.name, "--require-hashes", "-r", str(wanted), "-d", str(scratch)],
            capture_output=True, text=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPacked(f"pip does not run: {error}") from error
    archive = scratch / package.archive
    if done.returncode or not archive.is_file():
        lines = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()
        says = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise NotPacked(f"pip brings no {package.archive}: {says}")
    return archive
