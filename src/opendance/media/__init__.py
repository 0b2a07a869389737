"""The only code that opens and writes media files; what comes from outside is opened in a confined process."""
