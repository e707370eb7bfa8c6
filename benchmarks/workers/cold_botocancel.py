"""One cancel in a new process, by botocancel."""

import sys

import botocancel

botocancel.cancel(sys.argv[1])
