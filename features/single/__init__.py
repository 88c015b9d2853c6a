"""One consignment alone, seen without a frame: the same numbers as `features.sight`, to the bit.

A message of one parcel is a flight of one consignment. Everything that is compared on a flight
falls together then, and what is known of the past is looked up row by row in tables that are made
once a day (`features.single.sight`). The expressions of the features themselves are read and turned
into plain code (`features.single.expressions`), so that a new feature needs nothing here.
"""
