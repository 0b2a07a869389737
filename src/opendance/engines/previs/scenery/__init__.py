"""Where the scene is: one module for each family of settings, each drawing plates from far to near."""
