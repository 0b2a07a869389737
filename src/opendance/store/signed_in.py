"""What is known of a browser that is signed in to the Studio."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionRecord:
    """A session, without its token.

    Attributes:
        last_used: unix time, to the minute.
        browser: what it called itself.
        admin_until: unix time until which it may do what the operator may; None where it may not.
    """

    id: str
    account_id: str
    key_id: str
    created: float
    last_used: float
    browser: str
    admin_until: float | None

    def is_raised(self, now: float) -> bool:
        """Whether it may do what the operator may, at `now` (unix time)."""
        return self.admin_until is not None and self.admin_until > now
