"""The wire of OpenAI Videos, `/v1/videos`: what its official clients, LiteLLM and vLLM-Omni's clients say.

Source: the official packages openai for Python and Node, and what they were seen to send.
"""

from typing import Final

WIRE: Final = "openai"  # as it stands in the rows of tasks
