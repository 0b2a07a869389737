"""The wire of Volcengine Ark and BytePlus ModelArk, `contents/generations/tasks`: what its official SDK says.

Source: the official package volcengine-ark-runtime, its request and answer models and what it was seen to send; the
error codes of docs.byteplus.com/en/docs/ModelArk/1299023.
"""

from typing import Final

WIRE: Final = "ark"  # as it stands in the rows of tasks
