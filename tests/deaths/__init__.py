"""Real programs whose guard has a keeper, killed by SIGKILL at real moments of their block.

A program enters a guard, starts two tasks, releases one and leaves: in plain code, in a coroutine,
in threads under a guard of the process, or by an exception. It says what it is about to do and
what it has done, and is killed at a moment that a seed chooses, alone or with its process group,
against the simulated AWS over HTTP. Then what it has said is held against the server's history:

* died in the block: what it had added is cancelled, what it had released is not;
* left the block: nothing is cancelled, unless the block died of an exception;
* died while leaving: one of the two, for all of its tasks;
* no process is left.

``python -m tests.deaths --kills 200`` runs many; the suite runs a few.
"""
