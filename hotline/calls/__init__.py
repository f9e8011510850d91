"""The use cases of a call: answering its webhooks, and building its record from what was journalled."""
