"""Accounts: who may log in, with what, for how long. Pages and commands are elsewhere."""
