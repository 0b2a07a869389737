"""What may be asked for and shown: prompts by rules, pictures by a classifier, both by what an operator adds."""

from opendance.safety.guard import Decision, Guard
from opendance.safety.policy import CATEGORIES, Finding, Policy
from opendance.safety.rules import Rules, load_rules

__all__ = ["CATEGORIES", "Decision", "Finding", "Guard", "Policy", "Rules", "load_rules"]
