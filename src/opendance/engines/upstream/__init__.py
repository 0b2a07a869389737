"""Engines elsewhere: services that make the videos for us."""
