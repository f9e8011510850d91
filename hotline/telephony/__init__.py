"""The edge to the provider: signatures, TwiML, prompts, URLs, REST. Its words stop here."""
