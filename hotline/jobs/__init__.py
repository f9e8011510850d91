"""What happens by itself: the heartbeat, and the jobs that hang on it."""
