"""opendance openapi: the document that describes the API."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from opendance.cli.common import app
from opendance.cli.printing import say


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of this release, without a server."""
    from opendance.app import create_app
    from opendance.settings import Settings

    with tempfile.TemporaryDirectory() as folder:  # nothing is made there
        document = create_app(Settings.model_construct(data_dir=Path(folder))).openapi()
    say(json.dumps(document, indent=1, ensure_ascii=False))
