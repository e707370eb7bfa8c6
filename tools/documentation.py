"""Build the documentation with Sphinx, every warning an error, and count what is in it."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from _pages import BUILT, DOCS, PAGES, ROOT, blocks_of
from _public import documentation_of, documented_at
from sphinx.util.inventory import InventoryFile

SPHINX: Final = ["-m", "sphinx", "--fresh-env", "--fail-on-warning", "--keep-going", "--quiet"]


def main() -> int:
    """Build and count; return the exit status."""
    command = [sys.executable, *SPHINX, str(DOCS), str(BUILT)]
    if status := subprocess.run(command, check=False).returncode:
        return status
    inventory = InventoryFile.loads((BUILT / "objects.inv").read_bytes(), uri="")
    described = {name for kind, names in inventory.data.items() if "py:" in kind for name in names}
    public = sorted(set(documented_at().values()))
    missing = [name for name in public if name not in described or not documentation_of(name)]
    blocks = [block for page in PAGES for block in blocks_of(page)]
    not_run = sum(block.reason is not None for block in blocks)
    print(f"documentation: {BUILT.relative_to(ROOT) / 'index.html'}")
    print(
        f"blocks of Python: {len(blocks) - not_run} run by the tests, {not_run} marked as not run"
    )
    print(f"public names: {len(public)}, of which {len(missing)} undocumented", *missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
