"""Threads of numerical libraries in processes that share the cores of a machine with others.

A library starts a thread for each core. If another process has the core, the other threads wait
for that one at the end of each operation: a small model then reads a tenth of its epochs.
"""

from __future__ import annotations

import os
import sys

from threadpoolctl import threadpool_limits

THREADS = "OMP_NUM_THREADS"
"""The setting, which OpenMP, OpenBLAS and torch read too when they are loaded."""


def chosen_threads() -> int:
    """Return the threads of a process: as set for it, else one."""
    first = os.environ.get(THREADS, "").split(",")[0].strip()
    return max(int(first), 1) if first.isdecimal() else 1


def limit_threads() -> None:
    """Limit the threads of libraries that are loaded, and of those that are loaded later."""
    count = chosen_threads()
    os.environ[THREADS] = str(count)
    threadpool_limits(count)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(count)
