"""What makes the video. Engines know nothing of HTTP, database or money."""
