"""Puts a process's clock wrong, by as many seconds as the variable says: Python imports this by itself at the start."""

import os
import time

_offset = float(os.environ.get("OPENDANCE_TEST_SKEW", "0"))
_true = time.time
time.time = lambda: _true() + _offset
