"""Opendance: self-hosted video generation, wire-compatible with the Seedance 2.0 unified API."""

__version__ = "0.1.0"
