"""Opendance: self-hosted video generation, wire-compatible with the Seedance 2.0 unified API."""

import os

__version__ = "0.2.0"

# Some libraries tell their makers about the machine they run on, unless these say no by the time they are imported.
# Every process of this service imports this package first: what examines files and each engine, too.
for _variable in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
    os.environ[_variable] = "1"
