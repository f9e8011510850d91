"""The roster as a file that pages and hands change alike: edits, versions, one roster for all replicas."""
