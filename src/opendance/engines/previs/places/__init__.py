"""Places as parts that combine: ground, walls or a view, and drawings that stand around."""
