"""Files on their way: uploads, outputs on disk, and everything that can go wrong with them."""
