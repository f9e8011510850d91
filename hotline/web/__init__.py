"""What is served over HTTP: the voice webhooks, health, and in practice mode the practice phones."""
