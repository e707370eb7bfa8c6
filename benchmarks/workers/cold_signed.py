"""One cancel in a new process, signed by hand: the floor."""

import sys

from signed import Signed

Signed().cancel(sys.argv[1])
