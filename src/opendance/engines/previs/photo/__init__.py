"""Pictures and footage that a user gave: taken apart into layers, moved, joined, and staged."""
