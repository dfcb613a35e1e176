"""The science a second time in plain Python: loops over dictionaries, no frames, no shared code with the engine.

Written from the rules, slow on purpose, to be read beside them. Rows are dictionaries with the columns of the typed
frames.
"""
