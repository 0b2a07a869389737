"""The only code that opens and writes media files."""
