"""The command `runflow`: run models, look after runs, receive callbacks, from a terminal.

Needs the extra `cli`: `pip install "runflow-client[cli]"`. It calls the public client only.
"""
