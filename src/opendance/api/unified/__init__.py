"""The wire of the Seedance 2.0 unified API: its request read into an order, and a task told in its words."""

from typing import Final

WIRE: Final = "unified"  # as it stands in the rows of tasks
