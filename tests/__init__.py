"""The tests, one thread a process.

`make test` runs a process a core, and most frames here are small: several threads in each would
wait for each other more than they work. Read when the libraries are loaded, hence here.
"""

import os

for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
