"""The software round the decisions of `routing`: settings, telephony, pages, storage, jobs, commands."""
