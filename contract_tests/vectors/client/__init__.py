"""The generated client as the vectors use it: found by method and path, called with typed
arguments.
"""
