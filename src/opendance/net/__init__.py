"""The network as seen from inside: which addresses may be reached at all."""
