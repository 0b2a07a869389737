"""What can be drawn: each drawing with its words, its real height, how it stands and where it is held."""
