"""A telephone network that speaks the voice provider's protocol over HTTP: practice phones, tests.

Knows nothing of the helpdesk it calls. Begin reading at `network`.
"""
