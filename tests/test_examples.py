"""What the examples print is what the documentation shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent


def test_one_task_of_each_kind_is_found_and_stopped_as_the_page_on_services_says() -> None:
    command = [sys.executable, "examples/every_kind.py"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    page = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
    assert f"$ python examples/every_kind.py\n{run.stdout}```" in page
