"""How much of the bodies of requests lies in memory at a time: in all, and for each account."""

from __future__ import annotations

from collections import Counter

from opendance.errors import NotReady, RateLimitExceeded

_AGAIN = 5  # s until there may be room


class Bodies:
    """Counts the bytes of bodies that are on their way in.

    Args:
        in_all: bytes that may lie in memory at a time.
        of_account: those of one account.
    """

    def __init__(self, in_all: int, of_account: int) -> None:
        self._in_all, self._of_account = in_all, of_account
        self._taken = 0
        self._by_account: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """Bytes that lie in memory now."""
        return self._taken

    def take(self, account_id: str, size: int) -> None:
        """Bytes of a request of the account have come; `release` must follow, also after an error.

        Raises:
            NotReady: there is no room for more bodies in the process.
            RateLimitExceeded: there is none for more of this account.
        """
        self._taken += size
        self._by_account[account_id] += size
        if self._by_account[account_id] > self._of_account:
            raise RateLimitExceeded(
                problem=f"this account sends more than {self._of_account >> 20} MB at once; send fewer requests side "
                "by side",
                retry_after=_AGAIN,
            )
        if self._taken > self._in_all:
            raise NotReady(
                problem=f"it is sent more than {self._in_all >> 20} MB at once; please try again in a moment"
            )

    def release(self, account_id: str, size: int) -> None:
        """They are needed no more."""
        self._taken -= size
        self._by_account[account_id] -= size
        if not self._by_account[account_id]:
            del self._by_account[account_id]
