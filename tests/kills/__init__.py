"""Real processes of the command line that keep a journal, killed at real moments, and resumed.

``botocancel cancel … --journal FILE`` of fifty tasks gets SIGKILL at a random moment of its life,
against the simulated AWS over HTTP. `resume` finishes what it began; some of these are killed
too. Then the server's own history is held against the journal:

* every task of which a cancel arrived is in the journal;
* the journal can be read, whatever was being written; some are cut short besides;
* all tasks in it have ended, and it has nothing open;
* no other task was cancelled.

``python -m tests.kills --kills 300`` runs many; the suite runs a few.
"""
