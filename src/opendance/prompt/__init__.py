"""Understanding prompts in English, Chinese, Korean and Japanese."""

from __future__ import annotations

from opendance.prompt.planner import detect_language, plan_prompt
from opendance.prompt.references import check_references, find_references

__all__ = ["check_references", "detect_language", "find_references", "plan_prompt"]
