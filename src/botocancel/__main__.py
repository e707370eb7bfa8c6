"""``python -m botocancel`` is the command ``botocancel``."""

from __future__ import annotations

from botocancel.cli import main

if __name__ == "__main__":
    main()
