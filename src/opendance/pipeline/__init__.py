"""From an order to a finished video: `steps` has the table of steps, `walk` runs them, `ending` ends the task."""
