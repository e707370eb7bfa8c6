"""The generator of a service's models and errors, from botocore's model of the service.

``python -m botocancel.generate FOLDER`` writes ``models.py``, ``errors.py`` and, unless it is
written by hand, ``__init__.py`` into a folder of which some Python file assigns to ``MODELS`` a
dictionary, written out, with these keys:

``client``
    botocore's name of the client, such as ``stepfunctions``.
``title``, ``prefix``
    AWS's name of the service; what the names of its errors start with.
``reference``
    Where AWS documents each operation ``X``: in ``API_X.html`` there.
``operations``
    The operations to have requests and responses.
``start``
    Operations that start tasks: structures directly in their parameters have classes. Optional.
``typed``
    Shapes to have classes besides those directly in an answer, structures and enumerations;
    ``"all"`` are all of them. What has none is a frozen plain value, or a string. Optional.
``needed``
    Members of answers, as ``Shape.Member``, without which an answer cannot be read. Optional.
``errors``
    Error codes, and the class of `botocancel.errors` that says what each means.

Several files of a folder may each have one, for the same client: they are united.
"""

from __future__ import annotations

__all__: list[str] = []
