"""Who works on which task when."""
