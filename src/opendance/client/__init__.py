"""A small client of the API, for the command line and for scripts."""

from __future__ import annotations

from opendance.client.http import ApiProblem, Client, ServerGone

__all__ = ["ApiProblem", "Client", "ServerGone"]
