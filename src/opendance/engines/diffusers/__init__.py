"""Open-weights models on this machine, through diffusers."""
