"""What replays the vectors against the generated client and the callback receiver."""
