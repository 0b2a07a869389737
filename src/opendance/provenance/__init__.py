"""Where a clip comes from: a signed C2PA manifest, the invisible mark, and how both are told."""
