"""Give every operation and every schema its name.

The names come from `naming.yaml`, or are made from the place in the document where the table has
none. The names in the document itself have no say.
"""
