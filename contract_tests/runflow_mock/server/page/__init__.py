"""The page at `/_mock/`: what an application did with the server, for people.

It is rendered here, sends its changes as server-sent events, and is for this machine only.
"""
