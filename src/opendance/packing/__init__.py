"""What builds put beside the code of others' packages: drawings, and tables of words; `python -m opendance.packing` too.

No repository has it. `hatch_build.py` imports this room before anything is installed: it needs the standard library alone.
"""
