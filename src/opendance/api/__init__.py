"""HTTP: one module for each resource, and no logic beyond HTTP."""
