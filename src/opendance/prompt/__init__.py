"""Understanding prompts in English, Chinese, Korean and Japanese."""

from __future__ import annotations

from opendance.prompt.dialogue import detect_language
from opendance.prompt.planner import plan_prompt
from opendance.prompt.references import check_references, find_references, missing_references

__all__ = ["check_references", "detect_language", "find_references", "missing_references", "plan_prompt"]
