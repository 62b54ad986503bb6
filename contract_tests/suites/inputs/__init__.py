"""The typed inputs and the estimates: what they promise, against the catalog that is shipped."""
