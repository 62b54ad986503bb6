"""The faults can be tried, and the tool that tries them tells the truth."""
