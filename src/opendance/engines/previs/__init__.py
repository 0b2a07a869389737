"""previs: the embedded engine. Film people preview a scene before they shoot it; this does that for a prompt.

A scene is a multiplane picture: plates at depths, drawn once, moved by a camera with true parallax, with subjects,
particles, light and sound. No weights, no GPU; the same plan and seed give the same clip.
"""
