"""How Sphinx makes the documentation: ``python3 tools/run.py test docs``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

project = "botocancel"
author = "The botocancel developers"
project_copyright = "the botocancel developers"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "_sphinx_reference",
]
exclude_patterns = ["_build", "README.md"]  # the latter is part of the index
nitpicky = True
nitpick_ignore = [
    ("py:class", "botocancel._declared.Declared"),  # how declarations are made
    ("py:class", "Means"),  # what clients give their guards
    ("py:class", "botocancel._guarded.Guarded"),  # what guards have in common
    ("py:class", "CancelMany"),  # what guards cancel with
    ("py:class", "CancelManyAsync"),
    ("py:class", "FleetOptions"),  # what fleets give their clients
    ("py:class", "botocancel.services._naming.Naming"),  # found out by kinds for themselves
    ("py:obj", "typing.Literal['redrive'"),  # Sphinx takes such an annotation apart at the comma
]
nitpick_ignore_regex = [
    ("py:class", r"m\..*"),  # models of a kind, by the name that its file gives their module
]
suppress_warnings = ["ref.python"]  # `Refused` is of journals and of declarations

default_role = "name"
add_module_names = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 72
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True

myst_heading_anchors = 3

html_theme = "furo"
html_title = "botocancel"
html_static_path = ["_static"]
html_css_files = ["botocancel.css"]
html_copy_source = False
html_show_sourcelink = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
