"""Decisions on values: the roster, who is on call, the ladder, the next move of a call.

Nothing here reads a file, a clock or a database, and nothing here knows a framework.
"""
