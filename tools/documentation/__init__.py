"""The documentation as a site: what MkDocs adds to docs/, made from the code, so that it cannot be wrong."""
