"""The walk of a task: one module for each stage; `run` holds the order and the journal."""
