"""What holds for all tests."""

from __future__ import annotations

import signal

# A shell starts what it runs in the background with these ignored, and so would all processes
# of the tests, which send them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGQUIT"):
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
