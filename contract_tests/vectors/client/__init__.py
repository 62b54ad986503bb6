"""The generated client, called as the vectors say."""
