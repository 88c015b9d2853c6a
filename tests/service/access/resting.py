"""A job runner that has nothing to do."""

import time

while True:
    time.sleep(1)
